/**
 * The scripts that Redis runs, each in one step. A value is stored as a text: its epoch, the moment of the write by the
 * clock of Redis in µs, and the encrypted value, with a space between each. Epoch and moment are its head.
 */

/** The clock of Redis, µs, so that the clocks of the members do not matter. */
const NOW = `
local time = redis.call('TIME')
local now = time[1] .. string.format('%06d', time[2])`;

/**
 * A command may be executed long after it was sent, if Redis hangs or the client keeps it while it has no connection. It
 * counts from when it was sent: a token must not become younger. Arguments 1 and 2: when it was sent, or '' if that is
 * not known; a time in ms, of which \`left\` is what remains.
 */
const LEFT = `${NOW}
local sent = ARGV[1]
if sent == '' or tonumber(sent) > tonumber(now) then sent = now end
local left = tonumber(ARGV[2]) - math.floor((tonumber(now) - tonumber(sent)) / 1000)`;

/** A key with at most that many bytes. @returns the time, and what is stored */
export const READ = `${NOW}
if redis.call('STRLEN', KEYS[1]) > tonumber(ARGV[1]) then
  return redis.error_reply('ERR the value is longer than any that Latchkey writes')
end
return { now, redis.call('GET', KEYS[1]) }`;

/**
 * Arguments 3 to 6: the epoch after which the value may be written, the head that was read with it, or '', the new epoch,
 * and the value. A value that has expired since was not replaced.
 * @returns the new head; nil: another value was written meanwhile
 */
export const WRITE = `${LEFT}
local head = string.match(redis.call('GET', KEYS[1]) or '', '^%d+ %d+ ') or ''
local isNext = (string.match(head, '^%d+') or '0') == ARGV[3]
if ARGV[4] ~= '' then isNext = head == ARGV[4] or head == '' end
if not isNext then return false end
if left < 1 then return redis.error_reply('ERR the write was executed after the life of its value') end
head = ARGV[5] .. ' ' .. sent .. ' '
redis.call('SET', KEYS[1], head .. ARGV[6], 'PX', string.format('%.0f', left))
return head`;

/** Argument 3: the owner. @returns nil: another member has the lease */
export const LEASE = `${LEFT}
if left < 1 then return false end
return redis.call('SET', KEYS[1], ARGV[3], 'NX', 'PX', string.format('%.0f', left))`;

/** Argument 1: the owner. */
export const RELEASE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;
