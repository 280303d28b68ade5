/*
 * A small HTTP server to lose requests with.
 *
 * GET / answers after MIN_MS to MAX_MS (default 50 to 2000, at random), GET /health at once (503 until BOOT_MS have
 * passed; for ever if it is negative, or if WELL is not 0 and SLOT is greater), GET /metrics with requests_total and
 * in_flight for Prometheus.
 *
 * MODE=x: SIGTERM ends it at once. MODE=y: it stops accepting, finishes what is in flight, then ends.
 * `app check` is the container's health check. Build: gcc -O2 -static -pthread -o app app.c
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PORT = 8080, HEAD = 8192, STACK = 128 * 1024, BACKLOG = 1024, IDLE_POLL_MS = 100 };

static atomic_long requests, in_flight;
static atomic_bool leaving;
static long least_ms, most_ms, boot_ms;
static struct timespec begun;
static char hostname[128];

static long number(const char *name, long otherwise) {
    const char *text = getenv(name);
    return text && *text ? atol(text) : otherwise;
}

static long elapsed_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - begun.tv_sec) * 1000 + (now.tv_nsec - begun.tv_nsec) / 1000000;
}

static void pause_ms(long ms) {
    struct timespec left = {ms / 1000, ms % 1000 * 1000000};
    while (nanosleep(&left, &left)) {}
}

static bool say(int peer, int status, const char *body, bool last) {
    char answer[1024];
    int size = snprintf(answer, sizeof answer, "HTTP/1.1 %d %s\r\nContent-Type: text/plain; version=0.0.4\r\n"
                        "Content-Length: %zu\r\n%s\r\n%s", status, status == 200 ? "OK" : "No", strlen(body),
                        last ? "Connection: close\r\n" : "", body);
    for (int sent = 0; sent < size;) {
        ssize_t done = send(peer, answer + sent, (size_t)(size - sent), MSG_NOSIGNAL);
        if (done <= 0) return false;
        sent += (int)done;
    }
    return true;
}

static bool serve(int peer, const char *head, unsigned *dice) {
    char body[512];
    bool last = strcasestr(head, "\r\nConnection: close") != NULL;
    if (!strncmp(head, "GET /health", 11)) {
        bool well = boot_ms >= 0 && elapsed_ms() >= boot_ms;
        return say(peer, well ? 200 : 503, well ? "ok\n" : "starting\n", last) && !last;
    }
    if (!strncmp(head, "GET /metrics", 12)) {
        snprintf(body, sizeof body, "# TYPE requests_total counter\nrequests_total %ld\n"
                 "# TYPE in_flight gauge\nin_flight %ld\n", requests, in_flight);
        return say(peer, 200, body, last) && !last;
    }
    requests++;
    in_flight++;
    pause_ms(least_ms + rand_r(dice) % (most_ms - least_ms + 1));
    snprintf(body, sizeof body, "%s\n", hostname);
    last |= leaving;
    bool on = say(peer, 200, body, last) && !last;
    if (last) {
        shutdown(peer, SHUT_WR);
        struct pollfd gone = {peer, POLLIN, 0};
        poll(&gone, 1, 1000); /* until the peer has read it all: closing with unread input would cut it off */
    }
    in_flight--;
    return on;
}

/* One connection after the next request on it, until either side has enough. */
static void *talk(void *argument) {
    int peer = (int)(long)argument;
    unsigned dice = (unsigned)(elapsed_ms() * 7919 + peer);
    char head[HEAD + 1];
    size_t have = 0;
    for (;;) {
        head[have] = 0;
        char *end = strstr(head, "\r\n\r\n");
        if (end) {
            end[2] = 0;
            if (!serve(peer, head, &dice)) break;
            have -= (size_t)(end + 4 - head);
            memmove(head, end + 4, have);
            continue;
        }
        struct pollfd more = {peer, POLLIN, 0};
        if (!poll(&more, 1, IDLE_POLL_MS)) {
            if (leaving) break;
            continue;
        }
        ssize_t got = have < HEAD ? recv(peer, head + have, HEAD - have, 0) : 0;
        if (got <= 0) break;
        have += (size_t)got;
    }
    close(peer);
    return NULL;
}

static void *accept_all(void *argument) {
    int door = (int)(long)argument, one = 1;
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, STACK);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
    for (;;) {
        int peer = accept4(door, NULL, NULL, SOCK_CLOEXEC);
        if (peer < 0) {
            if (leaving) return NULL;
            continue;
        }
        setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        pthread_t thread;
        if (pthread_create(&thread, &small, talk, (void *)(long)peer)) close(peer);
    }
}

static struct sockaddr_in here(uint32_t address) {
    return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(PORT), .sin_addr.s_addr = htonl(address)};
}

static int check(void) {
    struct sockaddr_in own = here(INADDR_LOOPBACK);
    struct timeval most = {2, 0};
    char answer[64] = "";
    const char ask[] = "GET /health HTTP/1.1\r\nHost: c\r\nConnection: close\r\n\r\n";
    int door = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(door, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
    if (connect(door, (struct sockaddr *)&own, sizeof own) || send(door, ask, sizeof ask - 1, 0) < 0) return 1;
    return recv(door, answer, sizeof answer - 1, 0) < 12 || strncmp(answer + 9, "200", 3) != 0;
}

static int listen_here(void) {
    struct sockaddr_in all = here(INADDR_ANY);
    int door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(door, (struct sockaddr *)&all, sizeof all) || listen(door, BACKLOG)) {
        perror("app");
        exit(1);
    }
    return door;
}

int main(int count, char **words) {
    if (count > 1 && !strcmp(words[1], "check")) return check();
    least_ms = number("MIN_MS", 50);
    most_ms = number("MAX_MS", 2000);
    boot_ms = number("WELL", 0) && number("SLOT", 0) > number("WELL", 0) ? -1 : number("BOOT_MS", 0);
    clock_gettime(CLOCK_MONOTONIC, &begun);
    gethostname(hostname, sizeof hostname - 1);

    /* Blocked before any thread begins, then waited for: process 1 would ignore it otherwise. */
    sigset_t end;
    sigemptyset(&end);
    sigaddset(&end, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &end, NULL);

    int door = listen_here(), signal_number;
    pthread_t thread;
    pthread_create(&thread, NULL, accept_all, (void *)(long)door);
    sigwait(&end, &signal_number);
    const char *mode = getenv("MODE");
    if (!mode || *mode != 'y') _exit(0);
    leaving = true;
    shutdown(door, SHUT_RDWR);
    close(door);
    for (pause_ms(2 * IDLE_POLL_MS); in_flight > 0;) pause_ms(10);
    _exit(0);
}
