#include <cstdio>

int main() {
  std::puts("prodaccess " PRODACCESS_VERSION);
  return 0;
}
