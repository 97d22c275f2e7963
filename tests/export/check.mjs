// ONNX Runtime gives what Understudy's engine `reference` gives:
//
//     node check.mjs FOLDER [RECORD.tsv]
//
// FOLDER is what tests/export/models has written; ONNX Runtime is found by $ONNXRUNTIME, a folder with
// node_modules. A pair passes where no value differs by more than 1e-5 of the largest one; in integers, by more than the
// steps of the output that the case allows. RECORD.tsv is written with what ONNX Runtime gave for the first input of
// each model, at three places: tests/export/recorded.tsv, for machines that do not have it (recorded.py).
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'

const most = 1e-5
const rounding = 0.01 // of a step, in float32
// The kernel that ONNX Runtime 1.30 fuses a softmax between integers into gives zeros. No family has one.
const unfused = new Set(['int8_vectors'])
const [, , folder, record] = process.argv
const recorded = new Map()
const ort = createRequire(join(resolve(process.env.ONNXRUNTIME), 'here.js'))('onnxruntime-node')

function floats(name) {
  const bytes = readFileSync(join(folder, name))
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
}

// In units of `step`, or of the largest value where that is 0.
function difference(got, expected, step) {
  let apart = 0
  let scale = 0
  for (let i = 0; i < expected.length; i++) {
    const one = Math.abs(got[i] - expected[i])
    apart = one <= apart ? apart : one // also what is not a number
    scale = Math.max(scale, Math.abs(expected[i]))
  }
  return apart / (step || scale || 1)
}

async function check(session, [, output, , inFile, inDims, outFile, outDims, stepText, steps]) {
  const step = Number(stepText)
  const expected = floats(outFile)
  const input = new ort.Tensor('float32', floats(inFile), inDims.split(',').map(Number))
  const given = await session.run({ image: input })
  const got = given[output]
  if (Object.keys(given).length !== 1 || !got) return `gives ${Object.keys(given)}, not ${output}`
  if (got.dims.join() !== outDims) return `gives [${got.dims}], not [${outDims}]`
  if (!recorded.has(name)) {
    const hash = createHash('sha256').update(readFileSync(join(folder, `${name}.onnx`))).update(readFileSync(join(folder, inFile)))
    const last = got.data.length - 1
    const values = [0, last >> 1, last].map((at) => got.data[at].toPrecision(8))
    recorded.set(name, [name, hash.digest('hex').slice(0, 16), ...values].join('\t'))
  }
  const apart = difference(got.data, expected, step)
  if (step) worstSteps = Math.max(worstSteps, apart)
  else worst = Math.max(worst, apart)
  return apart <= (step ? Number(steps) + rounding : most) ? '' : `input [${inDims}]: differs by ${apart.toExponential(2)}${step ? ' steps' : ''}`
}

let passed = 0
let failed = 0
let worst = 0
let worstSteps = 0
let session
let name
for (const line of readFileSync(join(folder, 'cases.tsv'), 'utf8').trimEnd().split('\n')) {
  const pair = line.split('\t')
  let wrong
  try {
    if (name !== pair[0]) {
      name = pair[0]
      session = await ort.InferenceSession.create(join(folder, `${name}.onnx`), {
        logSeverityLevel: 3,
        graphOptimizationLevel: unfused.has(name) ? 'basic' : 'all',
        // Without it, sums of two products saturate at 16 bits on processors that have AVX2 and no VNNI.
        extra: { session: { x64quantprecision: '1' } },
      })
    }
    wrong = await check(session, pair)
  } catch (error) {
    wrong = error.message
  }
  if (wrong) console.log(`FAILED ${pair[0]}: ${wrong}`)
  wrong ? failed++ : passed++
}
if (record && !failed) writeFileSync(record, [...recorded.values(), ''].join('\n'))
console.log(`ONNX Runtime: the largest difference is ${worst.toExponential(1)}; in integers, ${worstSteps.toFixed(2)} steps`)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed || !passed ? 1 : 0
