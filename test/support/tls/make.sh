#!/bin/sh
# Makes the certificates of this folder: a private authority and what it signed, valid for a hundred years.
# The authority's key is thrown away; the key that stays opens nothing but the servers of the tests.
set -eu
cd "$(dirname "$0")"
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
cat >"$temporary/ca.conf" <<END
[ca]
default_ca = tests
[tests]
database = $temporary/index
new_certs_dir = $temporary
rand_serial = yes
unique_subject = no
default_md = sha256
policy = names
[names]
commonName = supplied
END
: >"$temporary/index"

new_key() { openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$1"; }

# issue FILE KEY NAME EXTENSION END [OPTION…]
issue() {
  openssl req -new -key "$2" -subj "/CN=$3" -out "$temporary/request"
  printf '%s\n' "$4" >"$temporary/extensions"
  file=$1 end=$5
  shift 5
  openssl ca -batch -notext -config "$temporary/ca.conf" -in "$temporary/request" -out "$file" \
    -startdate 20200101000000Z -enddate "$end" -extfile "$temporary/extensions" "$@"
}

authority=$temporary/authority.key
new_key "$authority"
new_key key.pem
names="subjectAltName = DNS:api.example.test, IP:127.0.0.1, IP:0.0.0.0"
in_time=21200101000000Z
by_authority="-cert authority.pem -keyfile $authority"

issue authority.pem "$authority" "tokctl test authority" "basicConstraints = critical, CA:TRUE" $in_time -selfsign -keyfile "$authority"
issue server.pem key.pem api.example.test "$names" $in_time $by_authority
issue expired.pem key.pem api.example.test "$names" 20200102000000Z $by_authority
issue self-signed.pem key.pem api.example.test "$names" $in_time -selfsign -keyfile key.pem
issue client.pem key.pem ci "extendedKeyUsage = clientAuth" $in_time $by_authority
