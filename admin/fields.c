#include "admin/fields.h"

#include <stdlib.h>
#include <string.h>

/* What stands behind "key=", at the line's start or after a blank. */
static const char *
value_of(const char *line, const char *key)
{
	size_t n = strlen(key);
	while (*line != '\0') {
		size_t word = strcspn(line, " ");
		if (word > n && line[n] == '=' && strncmp(line, key, n) == 0)
			return line + n + 1;
		line += word;
		line += strspn(line, " ");
	}
	return NULL;
}

uint64_t
fields_number(const char *line, const char *key)
{
	const char *v = value_of(line, key);
	return v != NULL && *v >= '0' && *v <= '9' ? strtoull(v, NULL, 10) : 0;
}

bool
fields_word(const char *line, const char *key, char *buf, size_t size)
{
	const char *v = value_of(line, key);
	size_t n = v != NULL ? strcspn(v, " ") : 0;
	if (n == 0 || n >= size)
		return false;
	memcpy(buf, v, n);
	buf[n] = '\0';
	return true;
}

bool
fields_is(const char *line, const char *key, const char *word)
{
	const char *v = value_of(line, key);
	size_t n = strlen(word);
	return v != NULL && strcspn(v, " ") == n && strncmp(v, word, n) == 0;
}

const char *
fields_find(const struct ctl_result *r, const char *array, const char *key,
    const char *word)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->data[i].array && strcmp(r->data[i].key, array) == 0 &&
		    fields_is(r->data[i].value, key, word))
			return r->data[i].value;
	return NULL;
}
