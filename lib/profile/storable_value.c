/* Values: looking things up and setting them. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "profile/storable.h"

static size_t
find(const struct perl_value *m, const char *key)
{
	size_t i = 0, len = strlen(key);
	while (i < m->n &&
	       (m->keys[i].len != len || memcmp(m->keys[i].s, key, len) != 0))
		i++;
	return i;
}

struct perl_value *
perl_find(const struct perl_value *m, const char *key)
{
	if (m == NULL || m->type != PERL_MAP)
		return NULL;
	size_t i = find(m, key);
	return i < m->n ? &m->items[i] : NULL;
}

bool
perl_number(const struct perl_value *v, int64_t *number)
{
	char *end;
	if (v == NULL)
		return false;
	if (v->type == PERL_INT) {
		*number = v->number;
		return true;
	}
	if (v->type == PERL_DOUBLE) {
		if (!(fabs(v->real) < 9e15) || floor(v->real) != v->real)
			return false;
		*number = (int64_t)v->real;
		return true;
	}
	if (v->type != PERL_TEXT || v->text.len == 0 ||
	    strlen(v->text.s) != v->text.len)
		return false;
	errno = 0;
	long long n = strtoll(v->text.s, &end, 10);
	if (*end != '\0' || errno != 0)
		return false;
	*number = n;
	return true;
}

struct perl_value *
perl_map(struct arena *a)
{
	struct perl_value *m = arena_alloc(a, sizeof(*m));
	m->type = PERL_MAP;
	return m;
}

/* Maps are small and rarely grow: a new place for each key will do. */
struct perl_value *
perl_set(struct arena *a, struct perl_value *m, const char *key)
{
	size_t i = find(m, key);
	if (i < m->n) {
		m->items[i] = (struct perl_value){ 0 };
		return &m->items[i];
	}
	struct perl_value *items = arena_array(a, i + 1, sizeof(*items));
	struct perl_text *keys = arena_array(a, i + 1, sizeof(*keys));
	if (i > 0) {
		memcpy(items, m->items, i * sizeof(*items));
		memcpy(keys, m->keys, i * sizeof(*keys));
	}
	keys[i] =
	    (struct perl_text){ arena_strdup(a, key), strlen(key), false };
	m->items = items;
	m->keys = keys;
	m->n = i + 1;
	return &m->items[i];
}

void
perl_set_int(struct arena *a, struct perl_value *m, const char *key,
    int64_t number)
{
	*perl_set(a, m, key) =
	    (struct perl_value){ .type = PERL_INT, .number = number };
}

void
perl_set_text(struct arena *a, struct perl_value *m, const char *key,
    const char *text)
{
	struct perl_value *v = perl_set(a, m, key);
	v->type = PERL_TEXT;
	v->text =
	    (struct perl_text){ arena_strdup(a, text), strlen(text), false };
}

void
perl_unset(struct perl_value *m, const char *key)
{
	size_t i = find(m, key);
	if (i == m->n)
		return;
	m->n--;
	memmove(&m->items[i], &m->items[i + 1], (m->n - i) * sizeof(*m->items));
	memmove(&m->keys[i], &m->keys[i + 1], (m->n - i) * sizeof(*m->keys));
}
