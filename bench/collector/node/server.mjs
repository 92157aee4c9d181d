// The collector's job in Node: http, JSON.parse, kafkajs with records in micro-batches. Arguments: the port.
import http from 'node:http'
import kafkajs from 'kafkajs'

const BATCH_BYTES_MAX = 65_536
const LINGER_MS = 5

const kafka = new kafkajs.Kafka({ brokers: [process.env.KAFKA_BOOTSTRAP], logLevel: kafkajs.logLevel.ERROR })
const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
await producer.connect()

let waiting = []

function publish(record) {
  return new Promise((resolve, reject) => {
    if (waiting.length === 0) setTimeout(flush, LINGER_MS)
    waiting.push({ record, resolve, reject })
  })
}

function flush() {
  const sent = waiting
  waiting = []
  producer
    .send({ topic: 'events', acks: -1, messages: sent.map((each) => each.record) })
    .then(() => sent.forEach((each) => each.resolve()), (error) => sent.forEach((each) => each.reject(error)))
}

function answer(response, status, body) {
  const text = JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(text)
}

function collect(body, response) {
  let batch
  try {
    batch = JSON.parse(body)
  } catch (error) {
    return answer(response, 400, { error: String(error) })
  }
  publish({ key: batch.pv, value: body }).then(
    () => answer(response, 202, { accepted: batch.e.length, rejected: [] }),
    (error) => answer(response, 503, { error: String(error) }),
  )
}

const server = http.createServer((request, response) => {
  const chunks = []
  let size = 0
  request.on('data', (chunk) => {
    size += chunk.length
    if (size > BATCH_BYTES_MAX) return request.destroy()
    chunks.push(chunk)
  })
  request.on('end', () => {
    if (request.method !== 'POST') return answer(response, 200, {})
    collect(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks), response)
  })
})

server.listen(Number(process.argv[2]), '127.0.0.1')
process.on('SIGTERM', () => {
  server.close(() => producer.disconnect().then(() => process.exit(0)))
  server.closeAllConnections()
})
