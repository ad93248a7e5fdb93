#!/bin/sh
set -eu
umask 077
mkdir -p /opt/emqx/data/mosquitto
cd /opt/emqx/data/mosquitto
# user_id,password,is_superuser
sed 1d /secrets/users.csv | while IFS=, read -r name password _; do echo "$name:$password"; done > users
mosquitto_passwd -U users
cat > mosquitto.conf <<END
per_listener_settings true
max_packet_size 1052672
listener 1883
allow_zero_length_clientid false
allow_anonymous false
password_file $PWD/users
acl_file /etc/mosquitto/hub.acl
listener 8883
allow_zero_length_clientid false
allow_anonymous false
require_certificate true
use_identity_as_username true
tls_version tlsv1.3
cafile /secrets/ca.crt
certfile /secrets/server.pem
keyfile /secrets/server.pem
acl_file /etc/mosquitto/boxes.acl
END
exec mosquitto -c mosquitto.conf
