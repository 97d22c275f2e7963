// One ONNX model in ONNX Runtime, timed on demand, for tests/bench/inference:
//
//     node inference.mjs MODEL INPUT DIMS
//
// ONNX Runtime is found by $ONNXRUNTIME, a folder with node_modules. INPUT is plain float32, DIMS its dimensions
// with commas between. Reads lines, and answers each with one:
//
//     run THREADS RUNS    seconds and processor seconds of so many runs, one after the other
//     write FILE          the output of the last run, as plain float32
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { join, resolve } from 'node:path'

const [model, inputFile, dims] = process.argv.slice(2)
const ort = createRequire(join(resolve(process.env.ONNXRUNTIME), 'here.js'))('onnxruntime-node')
const bytes = readFileSync(inputFile)
const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
const feeds = { image: new ort.Tensor('float32', values, dims.split(',').map(Number)) }
const sessions = {}
let last

async function session(threads) {
  sessions[threads] ??= await ort.InferenceSession.create(model, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  })
  return sessions[threads]
}

async function run(threads, runs) {
  const with_ = await session(threads)
  const begin = process.hrtime.bigint()
  const spent = process.cpuUsage()
  for (let r = 0; r < runs; r++) last = await with_.run(feeds)
  const seconds = Number(process.hrtime.bigint() - begin) * 1e-9
  const { user, system } = process.cpuUsage(spent)
  return `${seconds.toFixed(9)} ${((user + system) * 1e-6).toFixed(9)}`
}

for await (const line of createInterface({ input: process.stdin })) {
  const [verb, first, second] = line.split(' ')
  if (verb === 'run') console.log(await run(Number(first), Number(second)))
  else if (verb === 'write') {
    const data = Object.values(last)[0].data
    writeFileSync(first, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    console.log('written')
  } else console.log('?')
}
