#!/bin/sh
# nfs_lab.sh DIRECTORY PORT SECONDS: serves DIRECTORY/data by NFS 4 (Debian: nfs-ganesha, nfs-ganesha-vfs) as 127.0.0.1:/data
# and mounts it at DIRECTORY/mount (see nfs_fs.py). To be run with a network and process numbers of its own,
#     unshare --net --pid --fork --kill-child nfs_lab.sh ...
# so that nobody else reaches the server, and all of it ends with the first process, or after SECONDS.
set -eu
dir=$1 port=$2 seconds=$3
here=$(dirname "$0")
mkdir -p "$dir/recovery"
ip link set lo up
# The server looks for an address of a link; lo alone is none to it.
ip link add lab0 type veth peer name lab1
ip addr add 192.0.2.1/24 dev lab0
ip link set lab0 up
ip link set lab1 up
cat >"$dir/ganesha.conf" <<CONFIGURATION
NFS_CORE_PARAM { NFS_Protocols = 4; NFS_Port = $port; Enable_NLM = false; Enable_RQUOTA = false; Bind_addr = 127.0.0.1; }
NFSV4 { Graceless = true; RecoveryBackend = fs; RecoveryRoot = $dir/recovery; Minor_Versions = 0; Only_Numeric_Owners = true; }
NFS_KRB5 { Active_krb5 = false; }
EXPORT { Export_Id = 1; Path = $dir/data; Pseudo = /data; Access_Type = RO; Squash = No_Root_Squash; SecType = sys; Protocols = 4;
    Transports = TCP; FSAL { Name = VFS; } }
CONFIGURATION
ganesha.nfsd -F -L "$dir/ganesha.log" -f "$dir/ganesha.conf" -p "$dir/ganesha.pid" -N NIV_EVENT &
try=0
until /usr/bin/python3 - "$port" <<'CONNECT'
import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1).close()
CONNECT
do
    try=$((try + 1))
    [ $try -lt 100 ] || { cat "$dir/ganesha.log" >&2; exit 1; }
    sleep 0.2
done 2>/dev/null
timeout "$seconds" /usr/bin/python3 "$here/nfs_fs.py" "nfs://127.0.0.1/data?version=4&nfsport=$port" "$(readlink -f "$dir/mount")" 127.0.0.1:/data
