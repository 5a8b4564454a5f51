/* The survey, for people and for programs. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin/takeover.h"
#include "base/json.h"

static const char *const kind_words[FIND_KINDS] = { [FIND_NOTE] = "note",
	[FIND_DO] = "do",
	[FIND_LOST] = "damaged",
	[FIND_STOP] = "stop" };

static const char *const step_words[] = { [STEP_NONE] = NULL,
	[STEP_FOLDER] = "folder",
	[STEP_MARK] = "mark",
	[STEP_LIVE] = "live",
	[STEP_PROFILE] = "profile",
	[STEP_RESTORE] = "restore",
	[STEP_NEWRRD] = "newrrd",
	[STEP_NFSTAT] = "nfstat",
	[STEP_FINISH] = "finish",
	[STEP_HINTS] = "hints",
	[STEP_OWNERS] = "owners" };

static const char *
type_word(const struct profile *p)
{
	switch (p->type) {
	case PROFILE_LIVE:
		return "live";
	case PROFILE_HISTORY:
		return "history";
	case PROFILE_CONTINUOUS:
		return "continuous";
	case PROFILE_HISTORY | PROFILE_SHADOW:
		return "history / shadow";
	case PROFILE_CONTINUOUS | PROFILE_SHADOW:
		return "continuous / shadow";
	default:
		return "of unknown type";
	}
}

static void
print_time(int64_t when, int64_t step)
{
	char iso[SLOT_NAME_MAX];
	if (when <= 0) {
		(void)printf("never");
		return;
	}
	(void)slot_iso(when, step, iso);
	(void)printf("%.4s-%.2s-%.2s %.2s:%.2s", iso, iso + 4, iso + 6, iso + 8,
	    iso + 10);
}

static void
print_channel(const struct survey *s, const struct survey_channel *ch)
{
	(void)printf("    %-18s database %s", ch->name,
	    rrd_state_word(ch->rrd.state));
	if (ch->rrd.last > 0) {
		(void)printf(" to ");
		print_time(ch->rrd.last, s->c->cycletime);
	}
	if (ch->flows.files > 0) {
		(void)printf(", %" PRIu64 " files ", ch->flows.files);
		print_time(ch->flows.first, s->c->cycletime);
		(void)printf(" to ");
		print_time(ch->flows.last, s->c->cycletime);
		if (ch->flows.by_version[1] > 0)
			(void)printf(", %" PRIu64 " of nfdump 1.6",
			    ch->flows.by_version[1]);
	}
	(void)putchar('\n');
}

static void
print_profile(const struct survey *s, const struct survey_profile *p)
{
	bool grouped = strcmp(p->id.group, ".") != 0;
	(void)printf("  %s%s%s: ", grouped ? p->id.group : "",
	    grouped ? "/" : "", p->id.name);
	if (p->p == NULL) {
		(void)printf("unreadable\n");
		return;
	}
	(void)printf("%s, %s, %zu channel%s, ", type_word(p->p), p->p->status,
	    p->n_channels, p->n_channels == 1 ? "" : "s");
	print_time(p->p->tstart, s->c->cycletime);
	(void)printf(" to ");
	print_time(p->p->tend, s->c->cycletime);
	(void)printf("%s\n", p->p->locked != 0 ? ", locked" : "");
	for (size_t i = 0; i < p->n_channels; i++)
		print_channel(s, &p->channels[i]);
}

static void
print_alert(const struct survey *s, const struct survey_alert *a)
{
	(void)printf("  %s: %s, updated ", a->name, a->status);
	print_time(a->updated, s->c->cycletime);
	(void)printf(", %zu event%s\n", a->events, a->events == 1 ? "" : "s");
}

static void
print_findings(const struct survey *s, enum finding_kind kind,
    const char *title)
{
	if (s->count[kind] == 0)
		return;
	(void)printf("%s\n", title);
	for (size_t i = 0; i < s->n_findings; i++)
		if (s->findings[i].kind == kind)
			(void)printf("  %s: %s\n", s->findings[i].where,
			    s->findings[i].text);
}

void
survey_print(const struct survey *s)
{
	(void)printf("Configuration: %s, %zu sources\n", s->c->file,
	    s->c->n_sources);
	(void)printf("Profiles: %zu\n", s->n_profiles);
	for (size_t i = 0; i < s->n_profiles; i++)
		print_profile(s, &s->profiles[i]);
	(void)printf("Alerts: %zu\n", s->n_alerts);
	for (size_t i = 0; i < s->n_alerts; i++)
		print_alert(s, &s->alerts[i]);
	(void)printf("Saved: %zu filters, %zu formats\n", s->n_filters,
	    s->n_formats);
	print_findings(s, FIND_NOTE, "Worth knowing:");
	print_findings(s, FIND_DO, "To do:");
	print_findings(s, FIND_LOST, "Damaged:");
	print_findings(s, FIND_STOP, "To be settled first:");
}

/* ---- JSON ------------------------------------------------------------------------ */

static void
key_text(struct buf *b, bool *first, const char *key, const char *text)
{
	json_key(b, first, key);
	json_string(b, text);
}

static void
key_int(struct buf *b, bool *first, const char *key, int64_t v)
{
	json_key(b, first, key);
	json_int(b, v);
}

static void
key_bool(struct buf *b, bool *first, const char *key, bool v)
{
	json_key(b, first, key);
	buf_adds(b, v ? "true" : "false");
}

static void
json_rrd(struct buf *b, const struct rrd_facts *f)
{
	bool first = true;
	buf_addc(b, '{');
	key_text(b, &first, "state", rrd_state_word(f->state));
	key_int(b, &first, "last", f->last);
	key_int(b, &first, "step", f->step);
	if (f->why[0] != '\0')
		key_text(b, &first, "why", f->why);
	buf_addc(b, '}');
}

static void
json_flows(struct buf *b, const struct flow_facts *f)
{
	bool first = true, inner = true;
	buf_addc(b, '{');
	key_bool(b, &first, "folder", !f->missing);
	key_int(b, &first, "files", (int64_t)f->files);
	key_int(b, &first, "bytes", (int64_t)f->bytes);
	key_int(b, &first, "first", f->first);
	key_int(b, &first, "last", f->last);
	key_int(b, &first, "layout1", (int64_t)f->by_version[1]);
	key_int(b, &first, "layout2", (int64_t)f->by_version[2]);
	key_int(b, &first, "unreadable", (int64_t)f->by_version[0]);
	key_int(b, &first, "empty", (int64_t)f->empty);
	key_int(b, &first, "zoned", (int64_t)f->zoned);
	key_int(b, &first, "open", (int64_t)f->open);
	key_int(b, &first, "unfinished", (int64_t)f->unfinished);
	key_int(b, &first, "other", (int64_t)f->others);
	json_key(b, &first, "subdirlayouts");
	buf_addc(b, '{');
	for (int i = 0; i < SLOT_LAYOUTS; i++)
		if (f->by_layout[i] > 0) {
			char key[4] = { (char)('0' + i), '\0' };
			key_int(b, &inner, key, (int64_t)f->by_layout[i]);
		}
	if (f->elsewhere > 0)
		key_int(b, &inner, "other", (int64_t)f->elsewhere);
	buf_adds(b, "}}");
}

static void
json_nfstat(struct buf *b, const struct nfstat *s)
{
	bool first = true;
	buf_addc(b, '{');
	key_int(b, &first, "first", s->first);
	key_int(b, &first, "last", s->last);
	key_int(b, &first, "size", (int64_t)s->size);
	key_int(b, &first, "maxsize", (int64_t)s->maxsize);
	key_int(b, &first, "numfiles", (int64_t)s->numfiles);
	key_int(b, &first, "lifetime", (int64_t)s->lifetime);
	key_int(b, &first, "watermark", (int64_t)s->watermark);
	key_int(b, &first, "status", (int64_t)s->status);
	buf_addc(b, '}');
}

static void
json_channel(struct buf *b, const struct survey_channel *ch,
    const struct channel *def)
{
	bool first = true, inner = true;
	char sign[2] = { def->sign, '\0' };
	buf_addc(b, '{');
	key_text(b, &first, "name", ch->name);
	key_text(b, &first, "sign", sign);
	key_text(b, &first, "colour", def->color);
	key_int(b, &first, "order", def->order);
	json_key(b, &first, "sources");
	buf_addc(b, '[');
	for (size_t i = 0; i < def->n_sources; i++) {
		json_item(b, &inner);
		json_string(b, def->sources[i]);
	}
	buf_addc(b, ']');
	if (ch->filter_error != NULL)
		key_text(b, &first, "filter_error", ch->filter_error);
	json_key(b, &first, "rrd");
	json_rrd(b, &ch->rrd);
	json_key(b, &first, "flows");
	json_flows(b, &ch->flows);
	if (ch->has_stat) {
		json_key(b, &first, "nfstat");
		json_nfstat(b, &ch->stat);
	}
	buf_addc(b, '}');
}

static void
json_numbers(struct buf *b, bool *first, const struct profile *p)
{
	key_text(b, first, "type", type_word(p));
	key_text(b, first, "status", p->status);
	key_text(b, first, "description", p->description);
	key_int(b, first, "tbegin", p->tbegin);
	key_int(b, first, "tcreate", p->tcreate);
	key_int(b, first, "tstart", p->tstart);
	key_int(b, first, "tend", p->tend);
	key_int(b, first, "updated", p->updated);
	key_int(b, first, "expire", p->expire);
	key_int(b, first, "maxsize", (int64_t)p->maxsize);
	key_int(b, first, "size", (int64_t)p->size);
	key_bool(b, first, "locked", p->locked != 0);
	key_int(b, first, "version", p->version);
}

static void
json_profile(struct buf *b, const struct survey_profile *p)
{
	bool first = true, inner = true;
	buf_addc(b, '{');
	key_text(b, &first, "group", p->id.group);
	key_text(b, &first, "name", p->id.name);
	key_bool(b, &first, "building", p->building);
	key_bool(b, &first, "canceled", p->canceled);
	key_bool(b, &first, "deleted", p->deleted);
	if (p->p == NULL) {
		key_text(b, &first, "error", p->error);
	} else {
		json_numbers(b, &first, p->p);
		json_key(b, &first, "channels");
		buf_addc(b, '[');
		for (size_t i = 0; i < p->n_channels; i++) {
			json_item(b, &inner);
			json_channel(b, &p->channels[i], &p->p->channels[i]);
		}
		buf_addc(b, ']');
	}
	buf_addc(b, '}');
}

static void
json_alert(struct buf *b, const struct survey_alert *a)
{
	bool first = true;
	buf_addc(b, '{');
	key_text(b, &first, "name", a->name);
	key_text(b, &first, "status", a->status);
	key_int(b, &first, "updated", a->updated);
	key_int(b, &first, "trigger_status", a->trigger_status);
	key_int(b, &first, "events", (int64_t)a->events);
	buf_addc(b, '}');
}

static void
json_finding(struct buf *b, const struct finding *f)
{
	bool first = true;
	buf_addc(b, '{');
	key_text(b, &first, "kind", kind_words[f->kind]);
	key_text(b, &first, "where", f->where);
	key_text(b, &first, "text", f->text);
	if (step_words[f->step] != NULL)
		key_text(b, &first, "step", step_words[f->step]);
	buf_addc(b, '}');
}

static void
json_rest(const struct survey *s, struct buf *b, bool *first)
{
	bool item = true;
	json_key(b, first, "processes");
	buf_addc(b, '[');
	for (size_t i = 0; i < s->n_processes; i++) {
		bool inner = true;
		json_item(b, &item);
		buf_addc(b, '{');
		key_text(b, &inner, "file", s->processes[i].file);
		key_int(b, &inner, "pid", s->processes[i].pid);
		key_text(b, &inner, "program", s->processes[i].name);
		buf_addc(b, '}');
	}
	item = true;
	buf_addc(b, ']');
	json_key(b, first, "findings");
	buf_addc(b, '[');
	for (size_t i = 0; i < s->n_findings; i++) {
		json_item(b, &item);
		json_finding(b, &s->findings[i]);
	}
	buf_addc(b, ']');
}

void
survey_json(const struct survey *s, struct buf *out)
{
	bool first = true, item = true;
	buf_addc(out, '{');
	key_text(out, &first, "config", s->c->file);
	key_bool(out, &first, "ready", s->count[FIND_STOP] == 0);
	key_int(out, &first, "saved_filters", (int64_t)s->n_filters);
	key_int(out, &first, "saved_formats", (int64_t)s->n_formats);
	json_key(out, &first, "subdirlayout");
	bool inner = true;
	buf_addc(out, '{');
	key_int(out, &inner, "config", s->c->subdirlayout);
	key_int(out, &inner, "hints", s->layout_hints);
	key_int(out, &inner, "files", s->layout_files);
	buf_addc(out, '}');
	json_key(out, &first, "profiles");
	buf_addc(out, '[');
	for (size_t i = 0; i < s->n_profiles; i++) {
		json_item(out, &item);
		json_profile(out, &s->profiles[i]);
	}
	buf_addc(out, ']');
	item = true;
	json_key(out, &first, "alerts");
	buf_addc(out, '[');
	for (size_t i = 0; i < s->n_alerts; i++) {
		json_item(out, &item);
		json_alert(out, &s->alerts[i]);
	}
	buf_addc(out, ']');
	json_rest(s, out, &first);
	buf_adds(out, "}\n");
}
