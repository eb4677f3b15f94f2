#!/usr/bin/env bash
# The manifest of the guide, checked by the schema of Kubernetes.
. "$(dirname "$0")/common.sh"
python_with kubernetes-validate

awk '/^```yaml$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$root/src/guide/machines.md" > job.yaml
[ -s job.yaml ]
"$work/venv/bin/kubernetes-validate" --strict job.yaml
echo "Kubernetes: the manifest of the guide fits the schema"
