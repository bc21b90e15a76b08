#!/usr/bin/env python3
"""The hooks, the action and the templates that ship: hooks run by pre-commit itself on a repository of its own.

Usage: hooks.py PLAINSIGHT, under a Python that has pre-commit and PyYAML.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

import yaml

HERE = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = pathlib.Path(sys.argv[1]).resolve()
# An invented person.
PAYSLIP = "Busta paga\nDipendente: Laura Bianchi\nCodice fiscale: BNCLRA85C52L219K\nIBAN: DE75512108001245126199\n"


def run(*command, expect=0, **options):
    result = subprocess.run(command, capture_output=True, text=True, **options)
    if expect is not None and (result.returncode == 0) != (expect == 0):
        sys.exit(f"{command} ended with {result.returncode}:\n{result.stdout}{result.stderr}")
    return result.stdout + result.stderr


def parse_yaml():
    hooks = yaml.safe_load((HERE / ".pre-commit-hooks.yaml").read_text())
    assert {hook["id"] for hook in hooks} == {"plainsight", "plainsight-system"}, hooks
    action = yaml.safe_load((HERE / ".github/actions/plainsight/action.yml").read_text())
    assert action["runs"]["using"] == "composite", action
    declared = set(action["inputs"])
    text = (HERE / ".github/actions/plainsight/action.yml").read_text()
    used = {part.split("}")[0].strip().split(".")[1] for part in text.split("${{ ")[1:] if part.startswith("inputs.")}
    assert used == declared, (used, declared)
    for step in action["runs"]["steps"]:
        # No expression within a script: an input would become a part of it.
        assert "${{" not in step["run"], step
        run("bash", "-n", "-c", step["run"])
    template = yaml.safe_load((HERE / ".gitlab/plainsight.gitlab-ci.yml").read_text())
    for line in template["plainsight"]["script"]:
        run("bash", "-n", "-c", line)
    return action, template


def repository(folder):
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
                   "PATH": f"{PROGRAM.parent}:{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}",
                   "PRE_COMMIT_HOME": str(folder / "home"), "GIT_AUTHOR_NAME": "n", "GIT_AUTHOR_EMAIL": "e@example.com",
                   "GIT_COMMITTER_NAME": "n", "GIT_COMMITTER_EMAIL": "e@example.com"}
    tree = folder / "tree"
    tree.mkdir()
    run("git", "init", "-q", "-b", "main", cwd=tree, env=environment)
    return tree, environment


def hooks(folder):
    tree, environment = repository(folder)
    run(sys.executable, "-m", "pre_commit", "validate-manifest", str(HERE / ".pre-commit-hooks.yaml"), env=environment)
    # pre-commit clones what holds the manifest; the manifest alone is enough for `language: system`.
    shipped = folder / "shipped"
    shipped.mkdir()
    (shipped / ".pre-commit-hooks.yaml").write_text((HERE / ".pre-commit-hooks.yaml").read_text())
    run("git", "init", "-q", "-b", "main", cwd=shipped, env=environment)
    run("git", "add", "-A", cwd=shipped, env=environment)
    run("git", "commit", "-q", "-m", "hooks", cwd=shipped, env=environment)
    revision = run("git", "rev-parse", "HEAD", cwd=shipped, env=environment).strip()
    config = {"repos": [{"repo": str(shipped), "rev": revision, "hooks": [{"id": "plainsight-system"}]}]}
    (tree / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    run(sys.executable, "-m", "pre_commit", "install", cwd=tree, env=environment)
    (tree / "a.txt").write_text("clean\n")
    run("git", "add", "-A", cwd=tree, env=environment)
    said = run("git", "commit", "-m", "clean", cwd=tree, env=environment)
    assert "personal data and secrets" in said and "Passed" in said, said
    (tree / "pay.txt").write_text(PAYSLIP)
    run("git", "add", "-A", cwd=tree, env=environment)
    said = run("git", "commit", "-m", "payslip", cwd=tree, env=environment, expect=1)
    assert "pay.txt:" in said and "Failed" in said, said
    # Unstaged, it is nobody's business; `commit FILE` has an index of its own.
    run("git", "reset", "-q", cwd=tree, env=environment)
    (tree / "a.txt").write_text("still clean\n")
    run("git", "commit", "-m", "another", "a.txt", cwd=tree, env=environment)
    run("git", "add", "pay.txt", cwd=tree, env=environment)
    (tree / "a.txt").write_text("clean again\n")
    run("git", "commit", "-m", "only a", "a.txt", cwd=tree, env=environment)
    run("git", "commit", "-a", "-m", "all", cwd=tree, env=environment, expect=1)
    return tree, environment


def steps(tree, environment, folder, action, template):
    """The scripts of the action and of the template, as their runners would start them."""
    run("git", "reset", "-q", "--hard", cwd=tree, env=environment)
    run("git", "checkout", "-q", "-b", "work", cwd=tree, env=environment)
    (tree / "pay.txt").write_text(PAYSLIP)
    run("git", "add", "-A", cwd=tree, env=environment)
    run("git", "commit", "-q", "--no-verify", "-m", "payslip", cwd=tree, env=environment)
    output = folder / "github-output"
    inputs = {"INPUT_" + name.upper().replace("-", "_"): str(value["default"]) for name, value in action["inputs"].items()}
    github = {**environment, **inputs, "BASE_REF": "", "INPUT_SINCE": "main", "RUNNER_TEMP": str(folder), "GITHUB_OUTPUT": str(output)}
    said = run("bash", "-e", "-c", action["runs"]["steps"][1]["run"], cwd=tree, env=github, expect=1)
    assert "::error file=pay.txt,line=" in said, said
    assert output.read_text().startswith("junit=") and (folder / "plainsight.xml").exists()
    gitlab = {**environment, "PLAINSIGHT_FAIL_ON": "medium", "PLAINSIGHT_ARGUMENTS": "",
              "CI_MERGE_REQUEST_DIFF_BASE_SHA": run("git", "rev-parse", "main", cwd=tree, env=environment).strip()}
    run("bash", "-e", "-c", template["plainsight"]["script"][0], cwd=tree, env=gitlab, expect=1)
    for report in template["plainsight"]["artifacts"]["reports"].values():
        assert (tree / report).stat().st_size > 0, report
    clean = {**gitlab, "CI_MERGE_REQUEST_DIFF_BASE_SHA": run("git", "rev-parse", "work", cwd=tree, env=environment).strip()}
    run("bash", "-e", "-c", template["plainsight"]["script"][0], cwd=tree, env=clean)


action, template = parse_yaml()
with tempfile.TemporaryDirectory() as temporary:
    folder = pathlib.Path(temporary)
    tree, environment = hooks(folder)
    steps(tree, environment, folder, action, template)
print("hooks, action and template: as they should be")
