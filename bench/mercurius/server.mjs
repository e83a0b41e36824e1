// The same questions on the quickest GraphQL server there is for Node: mercurius with its compiler on fastify, with
// resolvers and batched loaders written by hand over the same SQLite file. It checks no credential and keeps no audit.
import { randomBytes } from 'node:crypto'
import process from 'node:process'
import Database from 'better-sqlite3'
import Fastify from 'fastify'
import mercurius from 'mercurius'

const database = new Database(`${process.env.TRIGRAPH_DATA_DIR}/trigraph.db`, { timeout: 30000 })
// The log is emptied below, after as many changes as Trigraph lets pass.
for (const pragma of JSON.parse(process.env.BENCH_SQLITE_PRAGMAS)) database.pragma(pragma)
const changes = Number(process.env.BENCH_SQLITE_CHANGES)
const prepare = (sql) => database.prepare(sql)
const organization = prepare('SELECT id FROM organization').pluck().get()
const user = prepare("SELECT id FROM user WHERE email = 'jane.smith@staff.example'").pluck().get()
const client = prepare('SELECT id FROM api_client WHERE user_id = ?').pluck().get(user)

const schema = `
  enum LeadStatus { NEW QUALIFIED WON LOST OTHER }
  enum LeadSortField { CREATED_AT SCORE }
  enum InsuranceType { AUTO HOME LIFE HEALTH COMMERCIAL BUNDLE }
  enum CampaignStatus { DRAFT ACTIVE PAUSED COMPLETED }
  scalar Cursor
  scalar DateTime
  input LeadFilter { status: LeadStatus source: String }
  input LeadSort { field: LeadSortField }
  input CreateLeadInput {
    source: String! email: String phone: String firstName: String lastName: String city: String state: String
    insuranceType: InsuranceType tags: [String!]
  }
  type User { id: ID! name: String! email: String }
  type Contact { id: ID! }
  type Lead {
    id: ID! firstName: String lastName: String email: String phone: String statusText: String! score: Int!
    source: String! createdAt: DateTime! updatedAt: DateTime! assignedTo: User contact: Contact
  }
  type PageInfo { hasNextPage: Boolean! endCursor: Cursor }
  type LeadConnection { nodes: [Lead!]! pageInfo: PageInfo! }
  type Campaign { id: ID! name: String! status: CampaignStatus! startDate: DateTime! endDate: DateTime! }
  type Persona { id: ID! name: String! title: String role: String influence: Float }
  type CampaignConnection { nodes: [Campaign!]! }
  type PersonaConnection { nodes: [Persona!]! }
  type Account {
    id: ID! name: String! domain: String industry: String
    campaigns(first: Int): CampaignConnection! personas(first: Int): PersonaConnection!
  }
  type AccountConnection { nodes: [Account!]! }
  type UserError { code: String! message: String! field: String }
  type CreateLeadPayload { lead: Lead errors: [UserError!]! }
  type Query {
    lead(id: ID!): Lead
    leads(first: Int, where: LeadFilter, sort: LeadSort): LeadConnection!
    accounts(first: Int): AccountConnection!
  }
  type Mutation { createLead(input: CreateLeadInput!): CreateLeadPayload! }
`

const columns = `id, first_name AS firstName, last_name AS lastName, email, phone, status_text AS statusText, score,
  source, created_at AS createdAt, updated_at AS updatedAt, assigned_to_id AS assignee, insurance_type AS insuranceType`
const live = `FROM lead WHERE organization_id = ? AND deleted_at IS NULL`
const byId = prepare(`SELECT ${columns} ${live} AND id = ?`)
const filtered = prepare(
  `SELECT ${columns} ${live} AND source = ? AND status_key = ? ORDER BY score DESC, id DESC LIMIT ?`
)
const listed = prepare(`SELECT ${columns} ${live} AND status_key = ? ORDER BY created_at DESC, id DESC LIMIT ?`)
const counted = prepare(`SELECT count(*) ${live} AND status_key = ?`).pluck()
const state = prepare('SELECT event_sequence FROM organization WHERE id = ?').pluck()
const users = prepare(
  'SELECT id, name, email FROM user WHERE organization_id = ? AND id IN (SELECT value FROM json_each(?))'
)
const accounts = prepare(
  'SELECT id, name, domain, industry FROM account WHERE organization_id = ? ORDER BY created_at DESC, id DESC LIMIT ?'
)
const newest = (table, columns) => prepare(
  `SELECT one.account_id AS parent, ${columns} FROM json_each(?) AS key CROSS JOIN ${table} AS one ON one.rowid IN
   (SELECT rowid FROM ${table} WHERE account_id = key.value AND organization_id = ?
    ORDER BY created_at DESC, id DESC LIMIT ?) ORDER BY key.key, one.created_at DESC, one.id DESC`
)
const campaigns = newest('abm_campaign', 'one.id, name, status, start_date AS startDate, end_date AS endDate')
const personas = newest('persona', 'one.id, name, title, role, influence')

const named = (leads) => {
  const wanted = JSON.stringify([...new Set(leads.map((lead) => lead.assignee).filter(Boolean))])
  return new Map(users.all(organization, wanted).map((user) => [user.id, user]))
}

const cursor = (lead) => Buffer.from(`c1:${JSON.stringify(['score:desc', lead.score, lead.id])}`).toString('base64url')

// All parents of one answer ask with the same arguments.
const children = (statement) => async (queries) => {
  const found = new Map(queries.map(({ obj }) => [obj.id, { nodes: [] }]))
  for (const row of statement.all(JSON.stringify([...found.keys()]), organization, queries[0].params.first)) {
    found.get(row.parent).nodes.push(row)
  }
  return queries.map(({ obj }) => found.get(obj.id))
}

const loader = (loader) => ({ loader, opts: { cache: false } })
const loaders = {
  Lead: {
    assignedTo: loader(async (queries) => {
      const known = named(queries.map(({ obj }) => obj))
      return queries.map(({ obj }) => known.get(obj.assignee) ?? null)
    })
  },
  Account: { campaigns: loader(children(campaigns)), personas: loader(children(personas)) }
}

const digits = '0123456789abcdefghjkmnpqrstvwxyz'
const newId = (prefix) => {
  let number = (BigInt(Date.now()) << 80n) | BigInt(`0x${randomBytes(10).toString('hex')}`)
  let text = ''
  for (let place = 0; place < 26; place++, number >>= 5n) text = digits[Number(number & 31n)] + text
  return `${prefix}_${text}`
}

const findContact = prepare('SELECT id FROM contact WHERE organization_id = ? AND email = ?').pluck()
const findAccount = prepare('SELECT id FROM account WHERE organization_id = ? AND domain = ?').pluck()
const newContact = prepare(
  'INSERT INTO contact (id, organization_id, created_at, email, host, name, account_id) VALUES (?, ?, ?, ?, ?, ?, ?)'
)
const link = prepare(
  'UPDATE end_user SET contact_id = ? WHERE organization_id = ? AND email = ? AND contact_id IS NULL'
)
const newLead = prepare(
  `INSERT INTO lead (id, organization_id, created_at, updated_at, status, status_text, status_key, score, score_reasons,
   score_given, source, email, phone, phone_digits, search_text, first_name, last_name, city, state, insurance_type,
   tags, custom_fields, contact_id)
   VALUES (?, ?, ?, ?, 'NEW', 'new', 'new', ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '{}', ?)`
)
const newActivity = prepare(
  `INSERT INTO activity (id, organization_id, created_at, lead_id, type, description, metadata, created_by_id)
   VALUES (?, ?, ?, ?, 'LEAD_CREATED', ?, ?, ?)`
)
const number = prepare(
  'UPDATE organization SET event_sequence = event_sequence + 1 WHERE id = ? RETURNING event_sequence'
).pluck()
const newEvent = prepare(
  `INSERT INTO event (organization_id, sequence, type, occurred_at, actor_id, client_id, lead_id, subject_id, data)
   VALUES (?, ?, 'LEAD_CREATED', ?, ?, ?, ?, ?, ?)`
)

const contactOf = (email, name, now) => {
  const known = findContact.get(organization, email)
  if (known) return known
  const id = newId('ctc')
  const host = email.slice(email.lastIndexOf('@') + 1)
  newContact.run(id, organization, now, email, host, name, findAccount.get(organization, host) ?? null)
  link.run(id, organization, email)
  return id
}

const reasonsOf = (given) => {
  const reasons = [
    { points: 15, reason: 'Reachable by e-mail.' },
    { points: 15, reason: 'Reachable by telephone.' },
    { points: 5, reason: 'First and last name known.' },
    { points: 5, reason: 'Place known.' },
    { points: 5, reason: 'Kind of insurance known.' }
  ]
  if (given.tags.includes('high-value')) reasons.push({ points: 10, reason: 'Tagged high-value.' })
  return reasons
}

const create = database.transaction((given) => {
  const { source, email, phone, firstName, lastName, city, state, insuranceType, tags } = given
  const now = `${new Date().toISOString().slice(0, 19)}Z`
  const name = `${firstName} ${lastName}`
  const contact = contactOf(email, name, now)
  const id = newId('lead')
  const reasons = reasonsOf(given)
  const score = reasons.reduce((sum, { points }) => sum + points, 0)
  newLead.run(
    id, organization, now, now, score, JSON.stringify(reasons), source, email, phone, phone.replace(/\D/g, ''),
    `${name.toLowerCase()}\n${email.toLowerCase()}\n${phone}`, firstName, lastName, city, state, insuranceType,
    JSON.stringify(tags), contact
  )
  newActivity.run(
    newId('act'), organization, now, id, `Lead created from ${source}`, JSON.stringify({ source }), user
  )
  const facts = {
    id, status: 'new', score, source, email, phone, firstName, lastName, insuranceType, assignedTo: null, campaignId: null
  }
  newEvent.run(organization, number.get(organization), now, user, client, id, id, JSON.stringify(facts))
  return { id, statusText: 'new', score, contact: { id: contact } }
})

const changed = prepare('SELECT total_changes()').pluck()
let emptied = 0
const emptyLog = () => {
  if (changed.get() - emptied < changes) return
  database.pragma('wal_checkpoint(PASSIVE)')
  emptied = changed.get()
}

const resolvers = {
  Query: {
    lead: (_, { id }) => byId.get(organization, id),
    leads: (_, { first, where }) => {
      const found = filtered.all(organization, where.source, where.status.toLowerCase(), first + 1)
      const nodes = found.slice(0, first)
      const endCursor = nodes.length ? cursor(nodes[nodes.length - 1]) : null
      return { nodes, pageInfo: { hasNextPage: found.length > first, endCursor } }
    },
    accounts: (_, { first }) => ({ nodes: accounts.all(organization, first) })
  },
  Mutation: {
    createLead: (_, { input }) => {
      const lead = create.immediate(input)
      emptyLog()
      return { lead, errors: [] }
    }
  }
}

const text = { type: ['string', 'null'] }
const person = { type: 'object', nullable: true, properties: { id: text, name: text, email: text } }
const listedLead = {
  type: 'object',
  properties: {
    id: text, status: text, score: { type: 'integer' }, createdAt: text, updatedAt: text, assignedTo: person,
    source: text, email: text, phone: text, firstName: text, lastName: text, insuranceType: text
  }
}
const whole = { type: 'integer' }
const truth = { type: 'boolean' }
const response = {
  type: 'object',
  properties: {
    data: { type: 'array', items: listedLead },
    pagination: {
      type: 'object',
      properties: { page: whole, limit: whole, total: whole, totalPages: whole, hasNext: truth, hasPrev: truth }
    }
  }
}

const totals = new Map()
const app = Fastify()
app.get('/healthz', async () => ({}))
app.get('/v1/leads', { schema: { response: { 200: response } } }, async (request) => {
  const { status } = request.query
  const limit = Number(request.query.limit)
  const key = `${status}:${state.get(organization)}`
  if (!totals.has(key)) totals.set(key, counted.get(organization, status))
  const total = totals.get(key)
  const rows = listed.all(organization, status, limit)
  const known = named(rows)
  for (const row of rows) {
    row.status = row.statusText
    row.assignedTo = known.get(row.assignee) ?? null
  }
  const totalPages = Math.ceil(total / limit)
  return { data: rows, pagination: { page: 1, limit, total, totalPages, hasNext: totalPages > 1, hasPrev: false } }
})
app.register(mercurius, { schema, resolvers, loaders, jit: 1 })
await app.listen({ host: '127.0.0.1', port: Number(process.env.TRIGRAPH_PORT) })
