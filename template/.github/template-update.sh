#!/usr/bin/env bash
# Opens an issue when a newer version of the template is out, keeps its text up to date, and closes it
# when the repo has caught up. Needs pipx, jq and gh, as GitHub's runners have them.
set -euo pipefail

label=template-update
told=$(pipx run copier==9.19.1 check-update --output-format json)
current=$(jq --raw-output .current_version <<<"$told")
latest=$(jq --raw-output .latest_version <<<"$told")
issue=$(gh issue list --label "$label" --state open --json number --jq '.[0].number // empty')

if [[ $(jq .update_available <<<"$told") != true ]]; then
  echo "Up to date with version $current of the template."
  if [[ -n $issue ]]; then
    gh issue close "$issue" --comment "The repo is at version $current of the template now."
  fi
  exit 0
fi

title="Version $latest of the template is out"
body="This repo is at version $current. With a clean work tree:

    copier update --trust
    make setup && make agent && make check

docs/template.md tells what an update touches."
if [[ -n $issue ]]; then
  gh issue edit "$issue" --title "$title" --body "$body"
else
  gh label create "$label" --force --description "A newer version of the template is out"
  gh issue create --label "$label" --title "$title" --body "$body"
fi
