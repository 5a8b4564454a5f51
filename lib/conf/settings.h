/*
 * settings: what the parts of lib/conf share while a file is loaded.
 */
#ifndef CONF_SETTINGS_H
#define CONF_SETTINGS_H

#include "conf/conf.h"
#include "conf/value.h"

struct loader {
	struct conf *c;
	const struct value *vars;
	struct err *err;
};

/* "file:line:column: text" into err, -1; or as a line of the warnings. */
int load_fail(const struct loader *l, struct value_place at, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));
void load_warn(const struct loader *l, struct value_place at, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));

static inline struct value_place
load_place(const struct value *v)
{
	return (struct value_place){ v->line, v->column };
}

/*
 * The text of scalar v, NULL when v is NULL, undef or empty; a list is an
 * error: *ok false.
 */
const char *load_text(const struct loader *l, const char *name,
    const struct value *v, bool *ok);

/* A whole number min..max; v absent or empty leaves *n.  -1: err. */
int load_int(const struct loader *l, const char *name, const struct value *v,
    int64_t min, int64_t max, int64_t *n);

/* One of the words (NULL ends them): which, or -1. */
int load_word(const struct loader *l, const char *name, const struct value *v,
    const char *text, const char *const *words);

int load_codec(const struct loader *l, const char *name, const struct value *v,
    const char *text, struct conf_codec *codec);
void codec_print(const struct conf_codec *codec, struct buf *out);

/* %sources and %profiles into the conf. */
int load_sources(const struct loader *l);
int load_profiles(const struct loader *l);

/*
 * The keys of a source that say how its datagrams come in and what becomes
 * of its files, and its optarg; a key has the last word.
 */
#define SOURCE_INTAKE_KEYS                                                     \
	"sampling", "codec", "subdirlayout", "command", "repeater", "spoof",   \
	    "multicast", "tunnels", "dynamic"
int load_intake(const struct loader *l, struct conf_source *s,
    const struct value *v);

/* Settings of TLS are in the conf already. */
int load_transport(const struct loader *l, struct conf_source *s,
    const struct value *v);
void transport_print(const struct conf_source *s, struct buf *out);

/* The scalar settings into the conf, and warnings about unknown names. */
int load_settings(const struct loader *l);

/* %sim, and what follows from it, when $SIMmode is set. */
int load_sim(const struct loader *l);

/* The value hook of the parser: a setting's default before it is set. */
const char *settings_default(const struct value *vars, const char *name,
    struct arena *a);

void settings_print(const struct conf *c, struct buf *out);
/* One; of those that are kept for others only what the file has. */
void setting_print(const struct conf *c, const char *name, struct buf *out);
void sources_print(const struct conf *c, struct buf *out);
void source_print_key(const char *key, const char *text, struct buf *out);
void intake_print(const struct conf_source *s, struct buf *out);
void profiles_print(const struct conf *c, struct buf *out);

#endif
