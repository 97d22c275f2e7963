# The networks that `make bench` compares with are ours: shapes, parameters and multiply-adds.
python=/usr/bin/python3
if ! $python -c 'import torch' 2>/dev/null; then
  echo "skipped: no torch"
  exit
fi
understudy bench networks | sed '1d; s/,.*//' | uniq | sed 's/$/: as PyTorch has it/' >want
$python "$ROOT/tests/bench/training_pytorch.py" --program "$(command -v understudy)" --check >got
cmp want got && [ -s got ]
