#include "nffile/bounds.h"

#include <string.h>

/* The layouts' forms, as strftime makes them. */
static const char *const forms[SLOT_LAYOUTS] = {
	"",
	"####/##/##",
	"####/##/##/##",
	"####/##/#",
	"####/##/#/##",
	"####/###",
	"####/###/##",
	"####-##-##",
	"####-##-##/##",
};

void
bounds_set(struct bounds *b, int64_t lo, int64_t hi)
{
	*b = (struct bounds){ .has_lo = lo >= 0, .has_hi = hi >= 0 };
	for (int i = 1; i < SLOT_LAYOUTS; i++) {
		if (b->has_lo)
			(void)slot_subdir(lo, i, b->lo[i]);
		if (b->has_hi)
			(void)slot_subdir(hi, i, b->hi[i]);
	}
}

/* Is rel a folder of this form, or one above such folders? */
static bool
fits(const char *rel, const char *form)
{
	for (; *rel != '\0'; rel++, form++) {
		bool digit = *rel >= '0' && *rel <= '9';
		if (*form == '#' ? !digit : *form != *rel || *form == '\0')
			return false;
	}
	return *form == '\0' || *form == '/';
}

bool
bounds_dir(const struct bounds *b, const char *rel)
{
	size_t n = strlen(rel);
	bool known = false;
	for (int i = 1; i < SLOT_LAYOUTS; i++) {
		if (!fits(rel, forms[i]))
			continue;
		known = true;
		if ((!b->has_lo || strncmp(rel, b->lo[i], n) >= 0) &&
		    (!b->has_hi || strncmp(rel, b->hi[i], n) <= 0))
			return true;
	}
	return !known;
}
