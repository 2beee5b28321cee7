// A program that includes and links all of the library.
#include <cstdio>
#include <etalon/version.hpp>

int main() {
  std::printf("etalon %s\n", etalon::version());
  return 0;
}
