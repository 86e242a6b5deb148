// Runs every part: compiled with sanitizers by `npm run native:sanitize`.

#include "self_test.h"

int main() {
  size_t count = 0;
  for (const self_test::Part* part = self_test::Part::first(); part != nullptr; part = part->next) {
    std::printf("%s\n", part->name);
    part->run();
    count++;
  }
  std::printf("%zu parts passed\n", count);
  return count > 0 ? 0 : 1;
}
