// What a floor's terms are measured in: a server (`net/server`) on the servers' processors whose handler does nothing but the term, asked over TLS by clients
// that compute on the others. Two processors of a machine are often two threads of one core, and then what one costs depends on what the other does. And
// nothing of a server stays in the caches from one request to the next as it does in a loop: P-256 takes a quarter longer after a request than after itself.
#pragma once
#include <memory>

#include "base/result.hpp"
#include "metrics/registry.hpp"
#include "net/client/client.hpp"
#include "net/server/server.hpp"
#include "store/function_ref.hpp"

namespace tf::bench {

// Signs and verifies as a client does, for about so much CPU of this thread.
void client_work(double us);

class Company {
 public:
  // client_us: what each client computes between two of its requests.
  static Result<std::unique_ptr<Company>> start(double client_us);

  // Mean CPU of a call, one in each request; the request itself is not counted. Code::unavailable "bench.company" when one was not answered.
  Result<double> cpu_us(int calls, store::FunctionRef<void()> call);

 private:
  explicit Company(double client_us) : client_us_(client_us) {}
  Status listen();
  [[nodiscard]] Status ask(int requests) const;

  double client_us_;
  const store::FunctionRef<void()>* call_ = nullptr;
  int left_ = 0;
  double used_us_ = 0;
  std::shared_ptr<const net::Psk> psk_;
  metrics::Registry registry_;
  net::HttpServer server_;  // ends before what it touches
};

}  // namespace tf::bench
