# A user's own family, machine, launcher and programs: beside the experiment file, or on UNDERSTUDY_PATH.
. "$ROOT/tests/cli/tiny.sh"
tiny
mkdir -p mine/families mine/hardware shared/families shared/hardware shared/launchers none
family() { sed "s/^family: dncnn/family: $1/; s/^about:.*/about: $2/" "$ROOT/networks/families/dncnn.yaml"; }
machine() { sed "s/^machine: tpu_v1/machine: $1/; s/^about:.*/about: $2/" "$ROOT/experiments/hardware/tpu_v1.yaml"; }
cat >mine/copy.sh <<'END2'
#!/bin/sh
exec cat
END2
chmod +x mine/copy.sh
sed 's/family: dncnn/family: own/; s/hardware: \[tpu_v1\]/hardware: [desk]/; s/hardware: tpu_v1, /hardware: desk, /
s|^pipeline:.*|pipeline: {stages: [exec: {command: [./copy.sh]}]}|' tiny.yaml >mine/own.yaml

try check mine/own.yaml
family own 'beside the file' >mine/families/own.yaml
machine desk 'beside the file' >mine/hardware/desk.yaml
try check mine/own.yaml
try run mine/own.yaml --no-plots | tail -n 1
(cd mine && try check own.yaml && try describe family own | grep -o 'beside the file' && try describe hardware | grep desk)

mv mine/families/own.yaml shared/families
mv mine/hardware/desk.yaml shared/hardware
mv mine/copy.sh shared
try check mine/own.yaml
try plan mine/own.yaml --results r2 --launcher desk | tail -n 2
sed 's/^launcher: slurm/launcher: desk/' "$ROOT/experiments/launchers/slurm.yaml" >shared/launchers/desk.yaml
export UNDERSTUDY_PATH=$PWD/none:$PWD/shared
try check mine/own.yaml
try plan mine/own.yaml | tail -n 3
try plan mine/own.yaml --launcher desk | grep -o 'launcher desk'
sed -i 's|\[./copy.sh\]|[sh, copy.sh]|' mine/own.yaml # an argument, too
try run mine/own.yaml --no-plots | tail -n 1
family own 'beside the file, again' >mine/families/own.yaml # comes first
family dncnn 'not the shipped one' >shared/families/dncnn.yaml
(cd mine && try describe family own | grep -o 'beside the file, again')
UNDERSTUDY_PATH=shared try describe family dncnn | grep -o 'not the shipped one'

echo 'family: [' >shared/families/broken.yaml
try check mine/own.yaml | sed "s|$PWD|HERE|"
UNDERSTUDY_PATH=shared:nowhere try check mine/own.yaml
printf '#!/no/such/shell\n' >mine/copy.sh
chmod +x mine/copy.sh
unset UNDERSTUDY_PATH
sed -i 's|\[sh, copy.sh\]|[./copy.sh]|; s/family: own/family: dncnn/; s/^hardware:.*//; /performance/d' mine/own.yaml
try run mine/own.yaml --no-plots | grep -o './copy.sh.*'
