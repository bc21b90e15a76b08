//! Archives that the tools of the formats have made hold what was put into them; a tool that cannot be had is told loudly.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "test code")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

const NOTE: &str = "Dipendente: Laura Bianchi\nCodice fiscale: BNCLRA85C52L219K\n";
const PEOPLE: &str = "Nome;Cognome;Reparto\nGiulia;Esempi;Magazzino\nMarco;Provetti;Contabilita\n";

/// Text that packs by matches near and far, in several blocks.
fn long() -> String {
    let mut seed = 7_u64;
    let mut text = String::new();
    for line in 0..5_000 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        writeln!(text, "Riga {line}: il reparto {} spende {} euro", seed >> 60, seed >> 40).unwrap();
    }
    text + "Fine del testo lungo\n"
}

/// Bytes that no codec leaves as they are: a table of numbers, sound, a true-colour picture.
fn numbers() -> Vec<u8> {
    let table = (0..12_000_u32).flat_map(|n| [1000 + n * 3, 50_000 - n, n % 7].map(u32::to_le_bytes)).flatten();
    let sound = (0..30_000_u32).flat_map(|n| ((n * n / 700 % 4000) as i16 - 2000).to_le_bytes());
    table.chain(sound).collect()
}

/// A directory with the files that go into every archive, below `docs`.
fn sources() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let put = |name: &str, content: &[u8]| fs::write(dir.path().join("docs").join(name), content).unwrap();
    fs::create_dir(dir.path().join("docs")).unwrap();
    put("note.txt", NOTE.as_bytes());
    put("a rather long name for people.csv", PEOPLE.as_bytes());
    put("long.txt", long().as_bytes());
    put("numbers.bin", &numbers());
    put("empty.txt", b"");
    dir
}

/// Runs a line of the shell in the directory. False, with a loud line, if its tool is missing.
fn make(dir: &Path, tool: &str, line: &str) -> bool {
    let is_there = Command::new("sh").args(["-c", &format!("command -v {tool}")]).output().unwrap().status.success();
    if !is_there {
        eprintln!("SKIPPED: `{tool}` is not installed; not tested: {line}");
        return false;
    }
    let output = Command::new("sh").args(["-ec", line]).current_dir(dir).env("LC_ALL", "C.UTF-8").output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&said));
    true
}

/// Outcome and reasons of the file and its members, by their chain of names.
fn scan(dir: &Path, archive: &str) -> BTreeMap<String, (String, Vec<String>)> {
    let output = Command::new(env!("CARGO_BIN_EXE_plainsight"))
        .args(["scan", archive, "-q", "-o", "jsonl=-"])
        .current_dir(dir)
        .output()
        .unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let items =
        lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).filter(|line| line["type"] == "item");
    let words = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(|word| word.as_str().map(str::to_owned)).collect()
    };
    items
        .map(|item| {
            let outcome = item["outcome"].as_str().unwrap().to_owned();
            (words(&item["members"]).join("!/"), (outcome, words(&item["reasons"])))
        })
        .collect()
}

fn text(dir: &Path, archive: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_plainsight"))
        .args(["text", "--plain", archive])
        .current_dir(dir)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The archive holds the files, whole, below any chain of members; `suffix` is what their names
/// end with in place of their own.
#[track_caller]
fn check_content(dir: &Path, archive: &str, fold: fn(&str) -> String) {
    let items = scan(dir, archive);
    for name in ["docs/note.txt", "docs/a rather long name for people.csv", "docs/long.txt", "docs/numbers.bin"] {
        let expected = fold(name);
        let found = items.iter().find(|(chain, _)| chain.rsplit("!/").next().unwrap().ends_with(&expected));
        let Some((_, (outcome, reasons))) = found else { panic!("{archive}: {expected} is missing in {items:?}") };
        let allowed: &[&str] = if name.ends_with("bin") { &["skipped"] } else { &["read"] };
        assert!(allowed.contains(&outcome.as_str()), "{archive}: {expected} {outcome} {reasons:?}");
    }
    let said = text(dir, archive);
    for content in [NOTE, PEOPLE, &long()] {
        // Rows of tables come with tabulators.
        let flat = |text: &str| text.replace([';', '\t'], " ");
        assert!(flat(&said).contains(&flat(content.trim())), "{archive}: {:?}", said.get(..400));
    }
    let bad = items.values().any(|(outcome, _)| matches!(outcome.as_str(), "unreadable" | "read_in_part"));
    assert!(!bad, "{archive}: {items:?}");
}

fn same(name: &str) -> String {
    name.to_owned()
}

/// `make` lines of one tool each; `OUT` is the archive.
#[track_caller]
fn check(lines: &[(&str, &str, &str)]) {
    let dir = sources();
    for (tool, archive, line) in lines {
        if make(dir.path(), tool, &line.replace("OUT", archive)) {
            check_content(dir.path(), archive, same);
        }
    }
}

#[test]
fn committed_archives() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/containers");
    let read = |archive: &str, end: &str| {
        let items = scan(&dir, archive);
        let found = items.iter().find(|(chain, _)| chain.to_lowercase().ends_with(end));
        assert_eq!(found.map(|(_, (outcome, _))| outcome.as_str()), Some("read"), "{archive}: {items:?}");
    };
    for archive in
        ["newc.cpio", "crc.cpio", "odc.cpio", "bin.cpio", "hpbin.cpio", "docs.iso", "stored.rar", "mixed.rar"]
    {
        read(archive, "docs/people.csv");
    }
    for archive in ["stored4.rar", "lh5.lzh", "lh6.lzh", "lh7.lzh", "level0.lzh", "level1.lzh", "level2.lzh"] {
        read(archive, "docs/people.csv");
    }
    for archive in ["docs.ar", "packed.cab", "stored.cab", "esempio.deb", "esempio.rpm", "people.csv.lz4"] {
        read(archive, "people.csv");
    }
    read("note.txt.Z", "note.txt");
    read("legacy.lz4", "legacy");
    let failed = |archive: &str, member: &str, reason: &str| {
        let items = scan(&dir, archive);
        assert!(items[member].1.contains(&reason.to_owned()), "{archive}: {items:?}");
    };
    failed("truncated.cpio", "", "truncated");
    failed("truncated.cab", "", "truncated");
    failed("mixed.rar", "sealed.txt", "encrypted");
    assert_eq!(scan(&dir, "empty.rar")[""].0, "read");
}

#[test]
fn cpio() {
    check(&[
        ("cpio", "newc.cpio", "find docs -type f | cpio --quiet -o -H newc > OUT"),
        ("cpio", "crc.cpio", "find docs -type f | cpio --quiet -o -H crc > OUT"),
        ("cpio", "odc.cpio", "find docs -type f | cpio --quiet -o -H odc > OUT"),
        ("cpio", "bin.cpio", "find docs -type f | cpio --quiet -o -H bin > OUT"),
        ("cpio", "swapped.cpio", "find docs -type f | cpio --quiet -o -H hpbin > OUT"),
        ("bsdtar", "bsd.cpio", "bsdtar --format newc -cf OUT docs"),
        ("bsdtar", "bsd-odc.cpio", "bsdtar --format odc -cf OUT docs"),
    ]);
}

#[test]
fn ar_and_debian_packages() {
    let dir = sources();
    if make(dir.path(), "ar", "cd docs && ar rc ../a.ar *") {
        check_content(dir.path(), "a.ar", |name| name.replace("docs/", ""));
    }
    let control = "mkdir -p p/DEBIAN && cp -r docs p/ && printf 'Package: esempio\\nVersion: 1\\nArchitecture: all\\nMaintainer: Laura Bianchi <laura@example.org>\\nDescription: x\\n' > p/DEBIAN/control";
    for kind in ["gzip", "xz", "zstd", "none"] {
        let line = format!("rm -rf p && {control} && dpkg-deb -Z{kind} --build p {kind}.deb");
        if make(dir.path(), "dpkg-deb", &line) {
            check_content(dir.path(), &format!("{kind}.deb"), same);
            let items = scan(dir.path(), &format!("{kind}.deb"));
            assert!(items.keys().any(|chain| chain.ends_with("!/control")), "{items:?}");
        }
    }
}

#[test]
fn rpm_packages() {
    let dir = sources();
    fs::write(
        dir.path().join("esempio.spec"),
        "Name: esempio\nVersion: 1\nRelease: 1\nSummary: Prova\nLicense: MIT\nPackager: Laura Bianchi <laura@example.org>\n\
         BuildArch: noarch\n%description\nUna prova.\n%install\nmkdir -p %{buildroot}/docs\ncp %{top}/docs/* %{buildroot}/docs/\n\
         %files\n/docs/*\n",
    )
    .unwrap();
    for (kind, payload) in
        [("gzip", "w9.gzdio"), ("bzip2", "w9.bzdio"), ("xz", "w7.xzdio"), ("lzma", "w7.lzdio"), ("zstd", "w19.zstdio")]
    {
        let line = format!(
            "rpmbuild --quiet -bb --define \"top $PWD\" --define \"_topdir $PWD/b\" --define '_binary_payload {payload}' \
             esempio.spec && mv b/RPMS/noarch/*.rpm {kind}.rpm"
        );
        if make(dir.path(), "rpmbuild", &line) {
            let archive = format!("{kind}.rpm");
            check_content(dir.path(), &archive, same);
            assert!(text(dir.path(), &archive).contains("Laura Bianchi <laura@example.org>"), "{archive}");
        }
    }
}

#[test]
fn cabinets() {
    let dir = sources();
    for (archive, line) in [("packed.cab", "gcab -czn OUT docs/*"), ("stored.cab", "gcab -cn OUT docs/*")] {
        if make(dir.path(), "gcab", &line.replace("OUT", archive).replace("-czn", "-cz").replace("-cn", "-c")) {
            check_content(dir.path(), archive, |name| name.rsplit('/').next().unwrap().to_owned());
        }
    }
}

#[test]
fn discs() {
    check(&[
        ("genisoimage", "joliet.iso", "genisoimage -quiet -J -joliet-long -graft-points -o OUT docs=docs"),
        ("genisoimage", "rock-ridge.iso", "genisoimage -quiet -R -graft-points -o OUT docs=docs"),
        ("genisoimage", "both.iso", "genisoimage -quiet -R -J -joliet-long -graft-points -o OUT docs=docs"),
        ("xorriso", "xorriso.iso", "xorriso -as mkisofs -quiet -R -J -graft-points -o OUT docs=docs"),
        ("bsdtar", "bsd.iso", "bsdtar --format iso9660 -cf OUT docs"),
    ]);
    let dir = sources();
    if make(dir.path(), "genisoimage", "genisoimage -quiet -R -udf -graft-points -o udf.iso docs=docs") {
        let items = scan(dir.path(), "udf.iso");
        assert_eq!(items[""], ("read_in_part".into(), vec!["unsupported_feature".into()]), "{items:?}");
        assert_eq!(items["docs/note.txt"].0, "read");
    }
    if make(dir.path(), "genisoimage", "genisoimage -quiet -graft-points -o plain.iso docs=docs") {
        let items = scan(dir.path(), "plain.iso");
        assert_eq!(items["DOCS/NOTE.TXT"].0, "read", "{items:?}");
    }
}

#[test]
fn lha() {
    let line = |options: &str| format!("jlha {options} OUT docs");
    let (five, six, seven) = (line("ao5q"), line("ao6q"), line("ao7q"));
    let (zero, one, two) = (line("a0q"), line("a1q"), line("a2q"));
    check(&[
        ("jlha", "lh5.lzh", &five),
        ("jlha", "lh6.lzh", &six),
        ("jlha", "lh7.lzh", &seven),
        ("jlha", "level0.lzh", &zero),
        ("jlha", "level1.lzh", &one),
        ("jlha", "level2.lzh", &two),
    ]);
}

#[test]
fn compressed_streams() {
    check(&[
        ("lz4", "docs.tar.lz4", "tar -cf - docs | lz4 -q > OUT"),
        ("lz4", "linked.tar.lz4", "tar -cf - docs | lz4 -q -BD -9 --content-size > OUT"),
        ("lz4", "legacy.tar.lz4", "tar -cf - docs | lz4 -q -l > OUT"),
        ("compress", "docs.tar.Z", "tar -cf docs.tar docs && compress -c docs.tar > OUT"),
        ("compress", "twelve.tar.Z", "tar -cf docs.tar docs && compress -b 12 -c docs.tar > OUT"),
    ]);
}

#[test]
fn zips() {
    check(&[
        ("7z", "deflate64.zip", "7z a -bso0 -mm=Deflate64 OUT docs"),
        ("bsdtar", "bsd.zip", "bsdtar --format zip -cf OUT docs"),
    ]);
    // In parts, each part says what it holds, and that the rest is elsewhere.
    let dir = sources();
    if make(dir.path(), "7z", "7z a -bso0 -mx0 -v150k cut.zip docs") {
        for part in ["cut.zip.001", "cut.zip.003"] {
            let items = scan(dir.path(), part);
            let gaps = items.values().filter(|(outcome, _)| outcome != "read").count();
            assert!(gaps > 0, "{part}: {items:?}");
        }
        let last = scan(dir.path(), "cut.zip.003");
        assert_eq!(last["docs/numbers.bin"].1, ["truncated"], "{last:?}");
    }
    if make(dir.path(), "zip", "zip -q -0 -s 64k -r split.zip docs") {
        let last = scan(dir.path(), "split.zip");
        assert!(last.values().any(|(_, reasons)| reasons.contains(&"truncated".into())), "{last:?}");
        let first = scan(dir.path(), "split.z01");
        assert_ne!(first[""].0, "read", "{first:?}");
    }
}

#[test]
fn rar() {
    // The archiver of the format is not free; where it is not installed nothing here is tested.
    let mut lines = Vec::new();
    for (name, options) in [
        ("r5", "-ma5"),
        ("r5-stored", "-ma5 -m0"),
        ("r5-fastest", "-ma5 -m1"),
        ("r5-best-solid", "-ma5 -m5 -s"),
        ("r5-small", "-ma5 -md128k -s"),
        ("r4", "-ma4"),
        ("r4-stored", "-ma4 -m0"),
        ("r4-solid", "-ma4 -s"),
        ("r4-best", "-ma4 -m5"),
        ("r4-small", "-ma4 -md64k"),
        ("r4-filters", "-ma4 -m5 -mca+ -mcd+ -mce+ -mcl+"),
        ("r4-model", "-ma4 -m5 -mct+"),
        ("r4-model-solid", "-ma4 -m5 -mct+ -s"),
    ] {
        lines.push((name.to_owned() + ".rar", format!("rar a -idq {options} OUT docs")));
    }
    let dir = sources();
    for (archive, line) in &lines {
        if line.contains("-ma4")
            && make(dir.path(), "rar", "rar | grep -q 'ma\\[4' || touch no-rar4")
            && dir.path().join("no-rar4").exists()
        {
            eprintln!("SKIPPED: this rar writes no RAR 4; not tested: {line}");
            continue;
        }
        if make(dir.path(), "rar", &line.replace("OUT", archive)) {
            check_content(dir.path(), archive, same);
        }
    }
    let sealed = |archive: &str, options: &str, count: usize| {
        if make(dir.path(), "rar", &format!("rar a -idq {options} {archive} docs")) {
            let items = scan(dir.path(), archive);
            assert_eq!(items[""], ("unreadable".into(), vec!["encrypted".into()]), "{archive}: {items:?}");
            assert_eq!(items.len(), count, "{archive}: {items:?}");
        }
    };
    sealed("sealed.rar", "-pgeheim", 6);
    sealed("sealed-list.rar", "-hpgeheim", 1);
    if make(dir.path(), "rar", "rar a -idq -m0 -v150k part.rar docs") {
        let first = scan(dir.path(), "part.part1.rar");
        let second = scan(dir.path(), "part.part2.rar");
        assert!(first.len() > 1, "{first:?}");
        assert!(second.values().any(|(_, reasons)| reasons.contains(&"truncated".into())), "{second:?}");
    }
}

#[test]
fn disk_images_are_told_with_their_size() {
    let dir = sources();
    let image = |name: &str| {
        let items = scan(dir.path(), name);
        assert_eq!(items.len(), 1, "{name}: {items:?}");
        assert_eq!(items[""], ("skipped".into(), vec!["disk_image".into()]), "{name}");
    };
    for (format, name) in
        [("vpc", "a.vhd"), ("vhdx", "a.vhdx"), ("vmdk", "a.vmdk"), ("qcow2", "a.qcow2"), ("vdi", "a.vdi")]
    {
        if make(dir.path(), "qemu-img", &format!("qemu-img create -q -f {format} {name} 8M && cp {name} {name}.bin")) {
            image(name);
            // A fixed VHD says what it is at its end; the others at their start.
            image(&format!("{name}.bin"));
        }
    }
    if make(dir.path(), "wimcapture", "wimcapture --quiet docs a.wim") {
        image("a.wim");
    }
}
