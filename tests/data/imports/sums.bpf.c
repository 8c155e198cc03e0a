// SPDX-License-Identifier: Apache-2.0
// What a script can call of an imported C file.
typedef unsigned long long u64;
typedef _Bool bool;
enum side { left = 1, right = 2 };
struct point {
  int x;
  int y;
};

static long calls;
static struct point corner = {3, -4};

int add(int a, int b) { return a + b; }
u64 twice(u64 value) { return value * 2; }
signed char narrow(long value) { return (signed char)value; }
bool is_odd(unsigned char value) { return value & 1; }
enum side other(enum side side) { return side == left ? right : left; }
long count_call(void) { return ++calls; }
struct point* find_corner(void) {
  return &corner;
}
int x_of(const struct point* point) { return point ? 10 : 20; }
void forget(void) { calls = 0; }
int sum_of(struct point point) { return point.x + point.y; }
