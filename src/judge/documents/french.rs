//! French and Spanish documents: those that hold sensitive data of a person, and those that only sound so.

use crate::model::Category::{Criminal, Health, Payroll, Religion, TradeUnion};

use super::{check, check_mail};

#[test]
fn a_payslip_with_dues() {
    check(
        "BULLETIN DE PAIE  mars 2024   Exemple SARL\n\n\
         Matricule 1042   Mme Claire Dubois   née le 08/02/1986   N° de sécurité sociale 2 86 02 69 123 456 61\n\n\
         Salaire de base              2 350,00\n\
         Absence maladie                -180,77\n\
         Cotisation syndicale CFDT        14,00\n\n\
         NET À PAYER                  1 702,35\n",
        &[Health, Payroll, TradeUnion],
    );
}

#[test]
fn a_sick_leave_notice() {
    check(
        "Avis d'arrêt de travail\n\n\
         Assuré : M. Julien Moreau, né le 21/06/1975, matricule 2207\n\n\
         Arrêt de travail du 04/03/2024 au 18/03/2024, motif : lombalgie aiguë.\n",
        &[Health],
    );
}

#[test]
fn unfit_for_his_post() {
    check(
        "Médecine du travail\n\nSalarié : M. Karim Benali, né le 11/11/1981\n\n\
         Avis d'inaptitude : inapte à son poste, reclassement sans port de charges. Reconnu travailleur handicapé (RQTH).\n",
        &[Health],
    );
}

#[test]
fn a_clean_record() {
    check(
        "Extrait de casier judiciaire - bulletin n°3\n\nMme Nadia Perrin, née le 30/01/1990 à Lyon\n\nNÉANT\n",
        &[Criminal],
    );
}

#[test]
fn gossip_in_a_mail() {
    check_mail(
        "De: Luc Fabre <luc.fabre@exemple-sarl.fr>\n\
         À: Anne Morel <anne.morel@exemple-sarl.fr>\n\
         Objet: planning\n\n\
         Mme Sophie Garnier (matricule 455) est enceinte et M. Ali Haddad (matricule 612), musulman pratiquant, demande ses pauses prière.",
        &[Health, Religion],
    );
}

#[test]
fn union_delegates_in_a_table() {
    check(
        "Matricule\tNom\tPrénom\tSyndicat\n\
         1042\tDubois\tClaire\tCFDT\n\
         2207\tMoreau\tJulien\tCGT\n",
        &[TradeUnion],
    );
}

#[test]
fn a_privacy_notice() {
    check(
        "Politique de confidentialité. Le responsable du traitement ne traite pas de données sensibles (origine ethnique, opinions politiques, \
         convictions religieuses, appartenance syndicale, état de santé, orientation sexuelle) sauf obligation légale. Contact : \
         jean.martin@exemple-sarl.fr\n",
        &[],
    );
}

#[test]
fn a_collective_agreement() {
    check(
        "Convention collective. Article 12 : en cas d'arrêt maladie, le salarié transmet le certificat médical sous 48 heures. Signataires : \
         CFDT, CFE-CGC, CFTC, CGT.\n",
        &[],
    );
}

#[test]
fn a_newspaper() {
    check(
        "Le maire Philippe Lemoine a été condamné à deux ans de prison avec sursis. Membre du Parti socialiste, il souffre d'un cancer.\n",
        &[],
    );
}

#[test]
fn a_spanish_sick_note() {
    check(
        "Parte de baja por incapacidad temporal\n\nTrabajador: D. Javier Ortega Ruiz, DNI 12345678Z, fecha de nacimiento 03/04/1980\n\n\
         Diagnóstico: lumbalgia. Baja médica desde el 04/03/2024.\n",
        &[Health],
    );
}
