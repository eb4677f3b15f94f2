#!/usr/bin/env bash
# Runs every check of the project: formatting, lints, documentation, tests, and that the benches build.
#
#   ./tests/all.sh                install a software Vulkan driver first, if no adapter is found (Debian, Ubuntu; root)
#   ./tests/all.sh --no-install   never install anything
#
# WGRAD_REQUIRE_GPU=1 makes a test that finds no adapter fail instead of being ignored.
# PYTHON=python3 is the interpreter for tests/export.py, which needs onnx, onnxruntime and numpy; without them it is left out.
# CHROMIUM=FILE is the browser for tests/page; by default the one in PATH. The page's checks need node; without it they are left out.
# WGRAD_INSTALL_ENGINES=1 lets tests/machines install Slurm, Open MPI, GNU parallel and HyperQueue; else what is missing is left out.
# WGRAD_DATA=DIR is where tests that need MNIST look for DIR/mnist; without it they are ignored.
set -euo pipefail
cd "$(dirname "$0")/.."

install=yes
case "${1:-}" in
    "") ;;
    --no-install) install=no ;;
    *) echo "usage: ./tests/all.sh [--no-install]" >&2; exit 2 ;;
esac

say() { printf '\n== %s\n' "$*"; }

say "This will: build in release mode (the first time that takes some minutes), look for a GPU adapter$(
    [ "$install" = yes ] && printf ' (and install Mesa'"'"'s software driver if there is none)'
), check formatting, lints and documentation, run all tests, and build the benches."

# The loader of a desktop session complains without it.
if [ -z "${XDG_RUNTIME_DIR:-}" ]; then
    XDG_RUNTIME_DIR=$(mktemp -d); export XDG_RUNTIME_DIR
    trap 'rm -rf "$XDG_RUNTIME_DIR"' EXIT
fi

say "build"
cargo build --release

say "adapters"
if cargo run --release --quiet -- devices | grep -q '^no GPU adapter' && [ "$install" = yes ]; then
    if command -v apt-get >/dev/null; then
        as_root=; [ "$(id -u)" = 0 ] || as_root=sudo
        $as_root apt-get update
        $as_root apt-get install -y --no-install-recommends mesa-vulkan-drivers
    else
        echo "no adapter found, and no apt-get to install one: GPU tests will be ignored"
    fi
fi
cargo run --release --quiet -- devices

# Some tests make system calls fail.
if [ "$install" = yes ] && ! command -v strace >/dev/null && command -v apt-get >/dev/null; then
    as_root=; [ "$(id -u)" = 0 ] || as_root=sudo
    $as_root apt-get install -y --no-install-recommends strace || echo "no strace: its tests are left out"
fi

say "formatting";    cargo fmt --all --check
say "lints";         cargo clippy --release --all-targets -- -D warnings
say "the library without the program"; cargo clippy --release --lib --no-default-features -- -D warnings
say "documentation"; RUSTDOCFLAGS="-D warnings" cargo doc --release --no-deps --document-private-items
say "tests";         cargo test --release
say "benches";       cargo bench --no-run

if "${PYTHON:-python3}" -c 'import numpy, onnx, onnxruntime' 2>/dev/null; then
    say "exported models in onnxruntime"; "${PYTHON:-python3}" tests/export.py
else
    say "no onnxruntime here: tests/export.py is left out"
fi

# The page of `wgrad tutorial --page`: its program, and the page in a browser.
if ! command -v npm >/dev/null; then
    say "no node here: the checks of the tutorial's page are left out"
elif ! { [ -d tests/page/node_modules ] || { [ "$install" = yes ] && npm --prefix tests/page ci --no-audit --no-fund --silent; }; }; then
    say "no tests/page/node_modules, and none installed: the checks of the tutorial's page are left out"
else
    say "the tutorial's page: types"; npm --prefix tests/page run --silent types
    say "the tutorial's page: lints"; npm --prefix tests/page run --silent lint
    CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
    if [ -n "$CHROMIUM" ]; then
        say "the tutorial's page in $CHROMIUM"; CHROMIUM=$CHROMIUM npm --prefix tests/page run --silent browser
    else
        say "no Chromium here: the tutorial's page is not opened in a browser"
    fi
fi

# Sweeps in shards under the programs that start processes on many machines.
flag=--no-install
[ -z "${WGRAD_INSTALL_ENGINES:-}" ] || flag=
say "many machines"; tests/machines/all.sh $flag

# Chromium's driver for machines without a GPU has other subgroups and another compiler than Mesa's.
swiftshader=$(find /usr/lib/chromium /usr/lib/chromium-browser -name vk_swiftshader_icd.json 2>/dev/null | head -n 1 || true)
if [ -z "$swiftshader" ] && [ "$install" = yes ] && command -v apt-get >/dev/null; then
    chromium=$(mktemp -d)
    if (cd "$chromium" && apt-get download chromium-common && dpkg -x chromium-common_*.deb .) >/dev/null 2>&1; then
        swiftshader=$chromium/usr/lib/chromium/vk_swiftshader_icd.json
    fi
fi
if [ -n "$swiftshader" ]; then
    say "SwiftShader"
    VK_DRIVER_FILES=$swiftshader VK_ICD_FILENAMES=$swiftshader cargo run --release --quiet -- verify --quick
else
    say "no SwiftShader here: its check is left out"
fi
if ! cargo run --release --quiet -- devices | grep -q '^no GPU adapter'; then
    say "a rehearsal of benches/gpu.sh"
    rehearsal=$(mktemp -d)
    benches/gpu.sh --small --out "$rehearsal" check product batches
    rm -rf "$rehearsal"
fi
say "everything passed"
