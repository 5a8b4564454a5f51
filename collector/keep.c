#include "collector/keep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/mem.h"
#include "collector/source.h"
#include "collector/sync.h"
#include "decode/state.h"

#define TAKEN UINT32_MAX /* a slot whose exporter was heard */

/* ---- what the file said --------------------------------------------------- */

static size_t
slot_of(const struct keep *k, const uint8_t key[STATE_KEY_LEN])
{
	size_t mask = k->n_slots - 1;
	size_t i = hash_bytes(key, STATE_KEY_LEN, hash_seed()) & mask;
	for (; k->slots[i] != 0; i = (i + 1) & mask)
		if (k->slots[i] != TAKEN &&
		    memcmp(k->file.data + k->slots[i] + 4, key,
			STATE_KEY_LEN) == 0)
			break;
	return i;
}

static void
forget(struct keep *k)
{
	buf_free(&k->file);
	free(k->slots);
	k->slots = NULL;
	k->n_slots = k->n_unheard = 0;
}

static void
make_index(struct keep *k)
{
	const uint8_t *data = (const void *)k->file.data;
	struct state_record r;
	size_t n = 0;
	for (size_t pos = 0; state_next(data, k->file.len, &pos, &r);)
		n++;
	for (k->n_slots = 16; k->n_slots < n * 2;)
		k->n_slots *= 2;
	k->slots = mem_calloc(k->n_slots, sizeof(*k->slots));
	for (size_t pos = 0; state_next(data, k->file.len, &pos, &r);) {
		uint32_t *slot = &k->slots[slot_of(k, state_record_key(&r))];
		k->n_unheard += *slot == 0;
		*slot = (uint32_t)(r.p - data);
	}
}

static void
load(struct keep *k)
{
	struct err err;
	if (!file_exists(k->path))
		return;
	if (file_read(k->path, KEEP_MAX + STATE_HEAD_LEN * 2, &k->file, &err) ==
	    -1) {
		log_warnx("templates are not known yet: %s", err.msg);
		return;
	}
	if (state_check((const void *)k->file.data, k->file.len, &err) == -1) {
		log_warnx("templates are not known yet: %s: %s", k->path,
		    err.msg);
		forget(k);
		return;
	}
	make_index(k);
	log_info("templates loaded file=%s exporters=%zu", k->path,
	    k->n_unheard);
}

/* Its absence is told when the file is written. */
static void
make_folder(const char *path)
{
	char dir[FILE_PATH_MAX];
	(void)snprintf(dir, sizeof(dir), "%s", path);
	char *slash = strrchr(dir, '/');
	if (slash == NULL || slash == dir)
		return;
	*slash = '\0';
	(void)file_mkdirs(dir, 0775, NULL);
}

void
keep_open(struct keep *k, const char *path)
{
	struct err err;
	if (strcmp(k->path, path) == 0)
		return;
	keep_close(k);
	if (*path == '\0')
		return;
	if ((k->sync = sync_start(&err)) == NULL) {
		log_warnx("templates are not kept: %s", err.msg);
		return;
	}
	(void)snprintf(k->path, sizeof(k->path), "%s", path);
	make_folder(path);
	k->full_log = (struct log_limit){ .burst = 1, .per_s = 3600 };
	load(k);
}

void
keep_restore(struct keep *k, uint16_t port, struct exporter *e)
{
	struct decode_head h = { .version = e->version,
		.id = e->id,
		.agent = e->agent };
	uint8_t key[STATE_KEY_LEN];
	struct state_record r;
	if (k->n_unheard == 0)
		return;
	state_key(port, &e->ip, &h, key);
	uint32_t *slot = &k->slots[slot_of(k, key)];
	size_t pos = *slot;
	if (pos == 0 ||
	    !state_next((const void *)k->file.data, k->file.len, &pos, &r))
		return;
	state_restore(&r, e);
	*slot = TAKEN;
	if (--k->n_unheard == 0)
		forget(k);
}

/* ---- writing -------------------------------------------------------------- */

struct job {
	struct buf data;
	char path[FILE_PATH_MAX];
};

static void
write_job(void *arg)
{
	struct job *j = arg;
	struct err err;
	if (file_write_atomic(j->path, j->data.data, j->data.len, 0640, &err) ==
	    -1)
		log_warnx("templates are not kept: %s", err.msg);
	buf_free(&j->data);
	free(j);
}

static void
add_heard(struct buf *b, const struct sources *ss, size_t *left_out)
{
	for (const struct source *s = ss->first; s != NULL; s = s->next)
		for (const struct sender *x = s->senders; x != NULL;
		     x = x->next_sibling) {
			size_t before = b->len;
			if (x->stream || !state_wanted(&x->e))
				continue;
			if (before < KEEP_MAX)
				state_put(b, x->port, &x->e);
			if (b->len <= KEEP_MAX && b->len != before)
				continue;
			++*left_out;
			if (b->len != before)
				state_undo(b, before);
		}
}

static void
add_unheard(struct buf *b, const struct keep *k, uint64_t since_ms,
    size_t *left_out)
{
	struct state_record r;
	for (size_t i = 0; i < k->n_slots; i++) {
		size_t pos = k->slots[i];
		if (pos == 0 || pos == TAKEN ||
		    !state_next((const void *)k->file.data, k->file.len, &pos,
			&r) ||
		    r.last_seen_ms < since_ms)
			continue;
		if (b->len + r.len > KEEP_MAX)
			++*left_out;
		else
			state_copy(b, &r);
	}
}

static uint64_t
changes_of(const struct sources *ss)
{
	uint64_t n = 0;
	for (const struct source *s = ss->first; s != NULL; s = s->next)
		for (const struct sender *x = s->senders; x != NULL;
		     x = x->next_sibling)
			n += x->e.templates_changed + x->e.names_changed +
			     x->e.samplers_changed + (x->e.boot_ms != 0);
	return n;
}

void
keep_write(struct keep *k, const struct sources *ss, uint64_t epoch_ms)
{
	size_t left_out = 0;
	uint64_t skipped, idle_ms = (uint64_t)ss->limits.exporter_idle_ms;
	if (*k->path == '\0')
		return;
	struct job *j = mem_calloc(1, sizeof(*j));
	(void)snprintf(j->path, sizeof(j->path), "%s", k->path);
	state_begin(&j->data, epoch_ms);
	add_heard(&j->data, ss, &left_out);
	add_unheard(&j->data, k, epoch_ms > idle_ms ? epoch_ms - idle_ms : 0,
	    &left_out);
	state_end(&j->data);
	if (left_out != 0 &&
	    log_limit_ok(&k->full_log, (int64_t)(epoch_ms / 1000), &skipped))
		log_warnx("templates of some exporters are not kept: "
			  "too many file=%s left_out=%zu",
		    k->path, left_out);
	sync_do(k->sync, write_job, j);
}

void
keep_look(struct keep *k, const struct sources *ss, int64_t now_ms,
    uint64_t epoch_ms)
{
	if (*k->path == '\0' || now_ms - k->looked_ms < KEEP_CHANGE_MS)
		return;
	k->looked_ms = now_ms;
	uint64_t changes = changes_of(ss);
	if (changes == k->changes && now_ms - k->written_ms < KEEP_EVERY_MS)
		return;
	k->changes = changes;
	k->written_ms = now_ms;
	keep_write(k, ss, epoch_ms);
}

void
keep_close(struct keep *k)
{
	sync_stop(k->sync);
	forget(k);
	*k = (struct keep){ 0 };
}
