#include "files.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/file.h"
#include "base/slot.h"
#include "nffile/nffile.h"

struct job {
	const struct files_opts *o;
	uint64_t seed;
	struct traffic_stream stream;
	struct counters *sent;
};

static uint64_t
flows_of_slot(const struct job *j, int64_t start)
{
	const struct files_opts *o = j->o;
	if (o->flows != 0)
		return o->flows;
	double n = o->rate * (double)o->slot;
	if (o->live)
		n *=
		    traffic_curve(j->seed, (double)start + (double)o->slot / 2);
	return (uint64_t)n;
}

static int
add_exporters(const struct files_opts *o, struct nffile_writer *w,
    struct err *err)
{
	for (uint16_t i = 0; i < o->exporters; i++) {
		struct nffile_exporter e = { .type = REC_EXPORTER,
			.size = sizeof(e),
			.version = (uint32_t)o->version,
			.ip = { o->first.hi, o->first.lo + i },
			.family =
			    o->first.family == ADDR_V6 ? AF_INET6 : AF_INET,
			.sysid = (uint16_t)(i + 1) };
		if (nffile_add_exporter(w, &e, err) == -1)
			return -1;
	}
	return 0;
}

static int
add_flows(struct job *j, int64_t start, struct nffile_writer *w,
    struct err *err)
{
	const struct files_opts *o = j->o;
	uint64_t n = flows_of_slot(j, start);
	struct flow f = { .nfversion = (uint8_t)o->version };
	bool v6 = o->first.family == ADDR_V6;
	for (uint64_t i = 0; i < n; i++) {
		uint64_t at = (uint64_t)(o->slot * 1000) * i / n;
		traffic_next(&j->stream, (uint64_t)start * 1000 + at, &f);
		uint64_t e = i % o->exporters;
		f.exporter = (uint16_t)(e + 1);
		f.exporter_ip =
		    (struct flow_ip6){ o->first.hi, o->first.lo + e };
		f.have |= FLOW_BIT(v6 ? FE_EXPORTER6 : FE_EXPORTER4);
		totals_count(j->sent, &f);
		if (nffile_add_flow(w, &f, err) == -1)
			return -1;
	}
	return 0;
}

/* Path of a slot's file, its folder made. */
static int
slot_file(const struct files_opts *o, int64_t start, char *path,
    struct err *err)
{
	char base[FILE_PATH_MAX], dir[FILE_PATH_MAX], sub[SLOT_SUB_MAX];
	char name[SLOT_NAME_MAX];
	if (!file_join(base, o->dir, o->source) ||
	    !file_join(dir, base, slot_subdir(start, o->layout, sub)) ||
	    !file_join(path, dir, slot_name(start, o->slot, name)))
		return err_set(err, "%s: path too long", o->dir);
	return file_mkdirs(dir, 0755, err);
}

static int
write_slot(struct job *j, int64_t start, struct err *err)
{
	const struct files_opts *o = j->o;
	char path[FILE_PATH_MAX];
	struct nffile_writer w;
	struct nffile_writer_opts wo = { .codec = o->codec,
		.creator = CREATOR_NFCAPD,
		.created = start,
		.ident = o->source,
		.mode = 0644 };
	if (slot_file(o, start, path, err) == -1 ||
	    nffile_create(&w, path, &wo, err) == -1)
		return -1;
	if (add_exporters(o, &w, err) == -1 ||
	    add_flows(j, start, &w, err) == -1) {
		nffile_writer_abandon(&w);
		return -1;
	}
	return nffile_finish(&w, false, err);
}

int
files_write(const struct files_opts *o, const struct traffic_opts *to,
    struct totals *t, struct err *err)
{
	struct traffic_model *model = traffic_model_new(to);
	struct job j = { .o = o,
		.seed = to->seed,
		.sent = &t->exporters[0].sent };
	int rc = 0;
	traffic_stream_init(&j.stream, model, 0);
	for (int64_t at = slot_start(o->from, o->slot);
	     rc == 0 && at < o->until; at += o->slot)
		rc = write_slot(&j, at, err);
	traffic_model_free(model);
	return rc;
}
