// SPDX-License-Identifier: Apache-2.0
// objects [N]: calls methods and functions of C++ N times, as thread `sonde_objects`, with i from
// 1. Built with debug information.
#include "workload.h"

#define PROBED __attribute__((noinline, noclone, used, visibility("default")))
#define USE(x) __asm__ volatile("" : : "r"(x) : "memory")

namespace zoo {

struct Named {
  const char* name = "?";
};
class Animal {
 public:
  virtual ~Animal() = default;
  int legs = 4;
  static int count;
};
int Animal::count = 7;

enum class Mood : unsigned char { calm, wild = 9 };

class Dog : public Animal, public Named {
 public:
  Mood mood = Mood::calm;
  bool is_old = false;
  // _ZN3zoo3Dog4meetEiRKS0_
  PROBED int meet(int times, const Dog& other) {
    USE(this);
    USE(&other);
    return times + other.legs;
  }
};

// Has its own way to be copied, so its address is passed.
struct Token {
  explicit Token(long n) : number(n) {}
  Token(const Token& other) : number(other.number) {}
  ~Token() { USE(this); }
  long number;
};

// Two of the same name.
PROBED long feed(int grams) { return grams; }
PROBED long feed(const char* what) {
  USE(what);
  return 0;
}

}  // namespace zoo

extern "C" PROBED long spend(zoo::Token token, const char16_t& letter, zoo::Mood mood) {
  USE(&letter);
  USE(static_cast<long>(mood));
  return token.number;
}

int main(int argc, char** argv) {
  const long count = number_argument(argc, argv, 1, 1);
  zoo::Dog rex, fido;
  rex.name = "rex";
  fido.name = "fido";
  fido.mood = zoo::Mood::wild;
  fido.is_old = true;
  fido.legs = 3;
  begin("sonde_objects");
  for (long i = 1; i <= count; i++) {
    const char16_t letter = u'A';
    if (rex.meet(static_cast<int>(i), fido) != i + 3) return 1;
    if (zoo::feed(static_cast<int>(i) * 10) != i * 10 || zoo::feed("bone") != 0) return 1;
    if (spend(zoo::Token(i * 100), letter, zoo::Mood::wild) != i * 100) return 1;
  }
  end();
  return 0;
}
