#!/bin/sh
# Makes or renews the Python environment in the folder $1, with the extras $2 of this project.
set -eu

folder=$1
extras=$2

fit() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if fit "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "This needs Python 3.11 or newer: install the package python3, or set PYTHON." >&2
    exit 1
}

require_venv() {
    # Debian and Ubuntu leave out of python3 what venv needs, and put it in a package of its own.
    if ! "$1" -c 'import ensurepip, venv' 2>/dev/null; then
        package=$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
        echo "$1 -m venv cannot work here: install the package python3-venv ($package)." >&2
        exit 1
    fi
}

if ! fit "$folder/bin/python"; then
    python=$(find_python)
    require_venv "$python"
    rm -rf "$folder"
    "$python" -m venv "$folder"
fi
echo "Installing what this project needs into $folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: \
    --editable ".[$extras]"
