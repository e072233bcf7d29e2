// Work of the kind a load generator does. Two processors of a machine are often two threads of one core, and then what one costs depends on what the
// other does: P-256 takes some 1.4 times as long beside P-256 as alone. A server is measured while its clients compute; so are its floor's terms.
#pragma once
#include <atomic>
#include <thread>
#include <vector>

namespace tf::bench {

// Signs and verifies as a client does, for about so much CPU of this thread.
void client_work(double us);

// While it lives, this thread has a server's processor and a client computes on each of the others. Nothing where there is only one processor.
class Company {
 public:
  Company();
  ~Company();
  Company(const Company&) = delete;
  Company& operator=(const Company&) = delete;

 private:
  std::atomic<bool> ended_ = false;
  std::vector<std::jthread> clients_;
};

}  // namespace tf::bench
