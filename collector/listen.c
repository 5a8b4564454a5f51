#include "collector/listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/mem.h"
#include "collector/rx.h"

#define USUAL_BUFFER (4 * 1024 * 1024) /* the kernel cuts it to its limit */

static void
set_buffer(int fd, int bytes)
{
	if (bytes == 0)
		bytes = USUAL_BUFFER;
#ifdef SO_RCVBUFFORCE
	/* Beyond the limit, for those who may. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) ==
	    0)
		return;
#endif
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

static int
open_at(const struct addr *a, uint16_t port)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(a, port, &ss);
	int off = 0;
	int fd =
	    socket(ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	if (ss.ss_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off,
		    sizeof(off));
	if (bind(fd, (const struct sockaddr *)&ss, len) == 0)
		return fd;
	int cause = errno;
	(void)close(fd);
	errno = cause;
	return -1;
}

int
listen_open(const char *bind_addr, uint16_t port, int bufflen, struct err *err)
{
	struct addr a = addr_v6(0, 0);
	if (bind_addr != NULL && !addr_parse(bind_addr, &a))
		return err_set(err, "BINDADDR '%s' is no address", bind_addr);
	int fd = open_at(&a, port);
	/* A kernel without IPv6. */
	if (fd == -1 && bind_addr == NULL &&
	    (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL)) {
		a = addr_v4(INADDR_ANY);
		fd = open_at(&a, port);
	}
	if (fd == -1)
		return err_set(err, "port %u: %s", port, strerror(errno));
	set_buffer(fd, bufflen);
	rx_prepare(fd);
	return fd;
}

const struct listener *
listeners_find(const struct listeners *ls, uint16_t port)
{
	for (size_t i = 0; i < ls->n; i++)
		if (ls->l[i].port == port)
			return &ls->l[i];
	return NULL;
}

void
listeners_add(struct listeners *ls, const struct listener *l)
{
	ls->l = mem_realloc(ls->l, ls->n + 1, sizeof(*ls->l));
	ls->l[ls->n++] = *l;
}

void
listeners_free(struct listeners *ls)
{
	free(ls->l);
	*ls = (struct listeners){ 0 };
}
