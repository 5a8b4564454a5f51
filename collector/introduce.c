#include "collector/introduce.h"

#include <string.h>
#include <sys/socket.h>

#include "collector/decoder.h"
#include "decode/names.h"
#include "decode/sampling.h"

#define AT_A_TIME 400 /* any so many names fit into one record */

/* ---- samplers --------------------------------------------------------------- */

/* The ids nfdump prints as generic, default and overwrite. */
#define ID_GENERIC   (-1)
#define ID_DEFAULT   (-2)
#define ID_OVERWRITE (-3)

/* False: flow files have no place for it. */
static bool
sampler_id(const struct table_key *key, int64_t *id)
{
	switch ((enum sampler_kind)key->kind) {
	case SAMPLER_OVERRIDE:
		*id = ID_OVERWRITE;
		return true;
	case SAMPLER_DEFAULT:
		*id = ID_DEFAULT;
		return true;
	case SAMPLER_ID:
		*id = (int64_t)key->id;
		return true;
	case SAMPLER_RECORD:
		*id = key->id != 0 ? (int64_t)key->id : ID_GENERIC;
		return true;
	case SAMPLER_GENERIC:
	case SAMPLER_HEADER:
		*id = ID_GENERIC;
		return true;
	case SAMPLER_INTERFACE:
		break;
	}
	return false;
}

static void
write_samplers(struct decoder *d, struct sender *x)
{
	size_t n;
	const struct sampler *s = exporter_samplers(&x->e, &n);
	for (size_t i = 0; i < n; i++) {
		struct nffile_sampler rec = {
			.sysid = x->e.sysid,
			.method = s[i].algorithm,
			.packets = s[i].packets,
			.space = s[i].space,
		};
		if (s[i].changed <= x->samplers_in_file ||
		    !sampler_id(&s[i].key, &rec.id))
			continue;
		(void)nffile_add_sampler(decoder_block(d, x->source), &rec,
		    NULL);
	}
	x->samplers_in_file = x->e.samplers_changed;
	x->samplers_ms = d->now_ms;
}

/* ---- names ------------------------------------------------------------------ */

/* The next ones that are new to the file; moves *i. */
static size_t
new_names(const struct sender *x, const struct name *all, size_t n, size_t *i,
    const struct name *to[AT_A_TIME])
{
	size_t k = 0;
	for (; *i < n && k < AT_A_TIME; (*i)++)
		if (all[*i].changed > x->names_in_file)
			to[k++] = &all[*i];
	return k;
}

static void
write_names(struct decoder *d, struct sender *x, enum name_kind kind,
    enum nffile_record_type type)
{
	const struct name *new[AT_A_TIME];
	struct nffile_name out[AT_A_TIME];
	size_t n, i = 0, k;
	const struct name *all = exporter_names(&x->e, kind, &n);
	while ((k = new_names(x, all, n, &i, new)) > 0) {
		for (size_t j = 0; j < k; j++)
			out[j] =
			    (struct nffile_name){ (uint32_t) new[j]->key.id,
				    new[j]->name };
		(void)nffile_add_names(decoder_block(d, x->source), type, out,
		    k, NULL);
	}
}

static void
write_apps(struct decoder *d, struct sender *x)
{
	const struct name *new[AT_A_TIME];
	struct nffile_app out[AT_A_TIME];
	uint8_t ids[AT_A_TIME][sizeof(uint64_t)];
	size_t n, i = 0, k;
	const struct name *all = exporter_names(&x->e, NAME_APPLICATION, &n);
	while ((k = new_names(x, all, n, &i, new)) > 0) {
		for (size_t j = 0; j < k; j++) {
			size_t len = new[j]->id_len;
			for (size_t b = 0; b < len; b++)
				ids[j][b] = (uint8_t)(new[j]->key.id >>
						      8 * (len - 1 - b));
			out[j] = (struct nffile_app){ ids[j], len, new[j]->name,
				new[j]->text };
		}
		(void)nffile_add_apps(decoder_block(d, x->source), out, k,
		    NULL);
	}
}

/* ---- all of it -------------------------------------------------------------- */

static void
write_exporter(struct decoder *d, struct sender *x)
{
	struct nffile_exporter rec = {
		.version = x->e.version,
		.ip = { x->e.ip.hi, x->e.ip.lo },
		.family = x->e.ip.family == ADDR_V4 ? AF_INET : AF_INET6,
		.sysid = x->e.sysid,
		.id = x->e.id,
	};
	(void)nffile_add_exporter(decoder_block(d, x->source), &rec, NULL);
	x->in_file = true;
	x->names_in_file = x->samplers_in_file = 0;
}

void
introduce(struct decoder *d, struct sender *x)
{
	if (!x->in_file)
		write_exporter(d, x);
	if (x->samplers_in_file != x->e.samplers_changed)
		write_samplers(d, x);
	if (x->names_in_file == x->e.names_changed)
		return;
	write_names(d, x, NAME_INTERFACE, REC_IFNAME);
	write_names(d, x, NAME_VRF, REC_VRFNAME);
	write_apps(d, x);
	x->names_in_file = x->e.names_changed;
}

void
introduce_again(struct source *s)
{
	uint64_t unwritten = atomic_load(s->unwritten);
	if (unwritten == s->unwritten_seen)
		return;
	s->unwritten_seen = unwritten;
	for (struct sender *x = s->senders; x != NULL; x = x->next_sibling)
		x->in_file = false;
}
