// Phones behind a gateway of ours: the real server, bindings in its database, and 32 lines on which the gateway carries.
#pragma once
#include <string>
#include <vector>

#include "bench/all/server.hpp"
#include "terminal/access.hpp"

namespace tf::bench {

class AccessScene {
 public:
  static Result<std::unique_ptr<AccessScene>> make(const std::string& directory, const std::string& program, int phones);

  struct Measured {
    double cpu_us = 0;  // of the server, for each
    double rate = 0;    // a second
  };
  // Of so many phones, each once. initialise: phones that are not bound yet; authenticate: phones that are.
  Result<Measured> initialise(int phones);
  Result<Measured> authenticate(int phones);
  // So many more rows of bindings; the server is started anew.
  Status fill(int bindings);
  [[nodiscard]] Result<double> request_cpu_us() const;

 private:
  AccessScene(std::string directory, std::string program) : directory_(std::move(directory)), program_(std::move(program)) {}
  Status prepare(int phones);
  Status serve();
  Result<Measured> each(int from, int count, bool initialise);

  std::string directory_, program_;
  SystemClock clock_;
  SystemRandom random_;
  std::optional<Server::Address> address_;
  std::unique_ptr<Server> server_;
  std::vector<terminal::AccessDevice> devices_;
  int bound_ = 0;
};

}  // namespace tf::bench
