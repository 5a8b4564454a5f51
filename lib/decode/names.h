/*
 * names: what options data call interfaces, VRFs and applications, for
 * output and for the array records of flow files.
 */
#ifndef DECODE_NAMES_H
#define DECODE_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "decode/exporter.h"

enum name_kind { NAME_INTERFACE, NAME_VRF, NAME_APPLICATION };

#define NAME_MAX_LEN 63

struct name {
	struct table_key key; /* kind: enum name_kind; id: ifIndex, VRF id, or
	                         the application id's bytes as a number */
	uint8_t id_len;       /* applications: bytes of the id */
	uint32_t changed;     /* the exporter's names_changed by then */
	char name[NAME_MAX_LEN + 1]; /* printable UTF-8 */
	char text[NAME_MAX_LEN + 1]; /* description, "" if none */
};

/* NULL: not known. */
const struct name *exporter_name(const struct exporter *e, enum name_kind kind,
    uint64_t id);

/* All of a kind, by id. */
const struct name *exporter_names(const struct exporter *e, enum name_kind kind,
    size_t *n);

/*
 * Note a name as it came, NUL or not; what is not printable becomes '?'.
 * text may be NULL.  False: no room.
 */
struct name_bytes {
	const uint8_t *p;
	size_t len;
};
bool exporter_set_name(struct exporter *e, struct table_key key, uint8_t id_len,
    struct name_bytes name, struct name_bytes text);

#endif
