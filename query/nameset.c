#include "query/nameset.h"

#include <string.h>

#include "base/buf.h"
#include "nffile/nffile.h"

/* As many as a file of a large router may bring; more are not looked up. */
#define NAMES_MAX 65536

struct name {
	struct name *next;
	const char *text;
	struct flow_bytes key;
};

#define BUCKETS 256

struct nameset {
	struct arena *arena;
	size_t n;
	bool any_interface, any_vrf;
	struct name *interface[BUCKETS];
	struct name *vrf[BUCKETS];
	struct name *app[BUCKETS];
};

static size_t
bucket(const struct flow_bytes *key)
{
	uint32_t h = 2166136261U;
	for (size_t i = 0; i < key->len; i++)
		h = (h ^ key->p[i]) * 16777619U;
	return (h ^ h >> 16) % BUCKETS;
}

static struct name *
find(struct name *const *table, const struct flow_bytes *key)
{
	struct name *n = table[bucket(key)];
	while (n != NULL && (n->key.len != key->len ||
				memcmp(n->key.p, key->p, key->len) != 0))
		n = n->next;
	return n;
}

/* What is said last counts. */
static void
set(struct nameset *ns, struct name **table, const void *id, size_t len,
    const char *text)
{
	struct flow_bytes key = { id, (uint16_t)len };
	struct name *n = find(table, &key);
	if (n == NULL) {
		if (ns->n == NAMES_MAX)
			return;
		ns->n++;
		n = arena_array(ns->arena, 1, sizeof(*n));
		uint8_t *copy = arena_array(ns->arena, len + 1, 1);
		memcpy(copy, id, len);
		n->key = (struct flow_bytes){ copy, (uint16_t)len };
		size_t at = bucket(&key);
		n->next = table[at];
		table[at] = n;
	} else if (strcmp(n->text, text) == 0) {
		return;
	}
	n->text = arena_strndup(ns->arena, text, strlen(text));
}

static void
take_app(struct nameset *ns, const struct nffile_app *app)
{
	struct buf b = BUF_EMPTY;
	buf_printf(&b, "%s/%s", app->name,
	    app->description != NULL ? app->description : "");
	set(ns, ns->app, app->id, app->id_len, buf_str(&b));
	buf_free(&b);
}

static void
take_record(struct nameset *ns, const uint8_t *rec)
{
	struct nffile_list l;
	struct nffile_name name;
	struct nffile_app app;
	nffile_list_begin(rec, &l);
	if (l.type == REC_NBAR) {
		while (nffile_list_app(&l, &app))
			take_app(ns, &app);
		return;
	}
	bool interface = l.type == REC_IFNAME;
	while (nffile_list_name(&l, &name)) {
		set(ns, interface ? ns->interface : ns->vrf, &name.id,
		    sizeof(name.id), name.name);
		if (interface)
			ns->any_interface = true;
		else
			ns->any_vrf = true;
	}
}

static bool
has_names(const uint8_t *rec)
{
	uint16_t type;
	memcpy(&type, rec, sizeof(type));
	return type == REC_NBAR || type == REC_IFNAME || type == REC_VRFNAME;
}

static void
read_file(struct nameset *ns, const char *path)
{
	struct nffile_reader r;
	struct nffile_block b;
	struct err err;
	if (nffile_open(&r, path, &err) == -1)
		return;
	while (nffile_read(&r, &b, &err) == NFFILE_BLOCK) {
		const uint8_t *rec;
		size_t pos = 0;
		while ((rec = nffile_record_next(&b, &pos)) != NULL)
			if (has_names(rec))
				take_record(ns, rec);
	}
	nffile_close(&r);
}

struct nameset *
nameset_read(const struct tree_list *files, struct arena *a)
{
	struct nameset *ns = arena_array(a, 1, sizeof(*ns));
	ns->arena = a;
	for (size_t i = 0; i < files->n; i++)
		read_file(ns, files->files[i].path);
	return ns;
}

static const char *
text_of(struct name *const *table, const void *id, size_t len)
{
	struct flow_bytes key = { id, (uint16_t)len };
	const struct name *n = find(table, &key);
	return n != NULL ? n->text : NULL;
}

const char *
nameset_interface(const struct nameset *n, uint32_t id, bool *any)
{
	*any = n != NULL && n->any_interface;
	return *any ? text_of(n->interface, &id, sizeof(id)) : NULL;
}

const char *
nameset_vrf(const struct nameset *n, uint32_t id, bool *any)
{
	*any = n != NULL && n->any_vrf;
	return *any ? text_of(n->vrf, &id, sizeof(id)) : NULL;
}

const char *
nameset_app(const struct nameset *n, const struct flow_bytes *id)
{
	return n != NULL ? text_of(n->app, id->p, id->len) : NULL;
}
