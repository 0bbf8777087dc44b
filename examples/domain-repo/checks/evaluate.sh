#!/bin/sh
# A deterministic check without a model: each prompt still has the rules that the team agreed on. rules.tsv has a
# path, a tab and the rule on each line.
set -eu
status=0
while IFS='	' read -r path rule; do
  if ! grep -qF -- "$rule" "$path"; then
    echo "$path lacks the rule: $rule" >&2
    status=1
  fi
done < "$(dirname "$0")/rules.tsv"
exit "$status"
