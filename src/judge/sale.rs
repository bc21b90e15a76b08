//! Tells the gross and net of an invoice from those of wages.

use std::ops::Range;

use crate::detect::fold::label_key;
use crate::model::Text;

/// Cells before and after an amount among which its row is looked for.
const REACH: usize = 48;

/// Beginnings of the heads that tables of sales have and those of wages have not.
const SALES: &[&str] = &[
    "fattur",
    "invoice",
    "rechnung",
    "factur",
    "fatura",
    "faktur",
    "kund",
    "client",
    "klient",
    "customer",
    "order",
    "ordine",
    "bestell",
    "commande",
    "pedido",
    "encomenda",
    "comanda",
    "zamowien",
    "zakaznik",
    "ugyfel",
    "asiakas",
    "produ",
    "prodotto",
    "artik",
    "articol",
    "article",
    "quantit",
    "menge",
    "fornitor",
    "supplier",
    "vendor",
    "offer",
    "angebot",
    "lieferant",
    "fournisseur",
    "proveedor",
];
/// Such heads of which other words begin with the same letters: taxes on sales.
const TAXES: &[&str] =
    &["iva", "vat", "mwst", "ust", "tva", "btw", "moms", "dph", "ddv", "pdv", "afa", "alv", "fpa", "igic", "qty"];

/// Words by which a head speaks of wages whatever else the table holds.
const WAGES: &[&str] = &[
    "sal", "lohn", "gehalt", "entgelt", "stip", "wage", "wyn", "plac", "mzd", "retr", "sueldo", "nomin", "loon", "lon",
    "ral", "busta", "ore", "hour", "tfr", "inps", "irpef", "bonus", "payroll", "basepay", "compens",
];

/// Whether the match stands under a head that may be of prices, in a row of a sale.
pub(super) fn is_price(text: &Text, span: &Range<usize>) -> bool {
    let Some(label) = text.label(span.start) else { return false };
    let key = label_key(label);
    if WAGES.iter().any(|word| key.contains(word)) {
        return false;
    }
    is_of_sale(text, span.start)
}

/// Whether heads of a sale stand over the row around an offset.
pub(super) fn is_of_sale(text: &Text, offset: usize) -> bool {
    let at = text.pieces_until(offset);
    let around = text.pieces().get(at.saturating_sub(REACH)..(at + REACH).min(text.pieces().len()));
    let labels = around.unwrap_or_default().iter().filter_map(|piece| piece.label.as_deref());
    labels.map(label_key).any(|key| SALES.iter().any(|word| key.starts_with(word)) || TAXES.contains(&key.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Place, Shape};

    fn under(heads: &[&str], at: usize) -> bool {
        let mut text = Text::new(Shape::Rows);
        let mut start = 0;
        for (number, head) in heads.iter().enumerate() {
            if number == at {
                start = text.len();
            }
            text.push("10,00\t", Place::line(1), 0, Some((*head).into()));
        }
        is_price(&text, &(start..start + 5))
    }

    #[test]
    fn a_net_amount_of_an_invoice_is_no_pay() {
        assert!(under(&["Rechnung", "Kunde", "Netto", "Brutto"], 2));
        assert!(under(&["nr", "name", "net", "vat", "gross"], 4));
        assert!(!under(&["Personalnr", "Name", "Brutto", "Netto"], 2));
        assert!(!under(&["cliente", "lavoratore", "stipendio lordo"], 2));
    }
}
