#!/bin/sh
# Builds gateway/graphiql/static from gateway/graphiql/source with the pinned npm packages.
#   tools/build_graphiql.sh            build what package-lock.json pins
#   tools/build_graphiql.sh --update   resolve package.json anew first, and write package-lock.json
set -eu

home=$(cd "$(dirname "$0")/../gateway/graphiql" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R "$home/source/." "$work"
cd "$work"

if [ "${1:-}" = "--update" ]; then
    rm -f package-lock.json
    npm install --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund
    # The lock says what, never where from: whoever builds uses the registry they have configured.
    node -e '
        const fs = require("node:fs");
        const lock = JSON.parse(fs.readFileSync("package-lock.json", "utf8"));
        for (const entry of Object.values(lock.packages)) { delete entry.resolved; delete entry.funding; }
        fs.writeFileSync("package-lock.json", JSON.stringify(lock, null, 2) + "\n");
    '
    cp package-lock.json "$home/source/package-lock.json"
fi

npm ci --ignore-scripts --no-audit --no-fund
npm run build

rm -rf "$home/static"
cp -R dist "$home/static"
du -sh "$home/static"
