// How many durable payments a second: many callers, the database with its fsyncs, a front end that answers at once. By hand:
// bench_payment [payments] [callers]
#include <fmt/format.h>
#include <time.h>

#include <semaphore>

#include "tests/payment/scene.hpp"

namespace tf::payment::test {
namespace {

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void measure(const char* name, int payments, int under_way, Scene& scene) {
  scene.card.answers("pay", {Verdict::done});
  std::counting_semaphore<> room(under_way);
  std::atomic<int> captured = 0;
  std::vector<OrderRequest> orders;
  for (int i = 0; i < payments; ++i) {
    orders.push_back(order_of(fmt::format("{}-{}", name, i), 1));
    orders.back().user = fmt::format("user{}", i % 1'000);
  }
  const double cpu = cpu_seconds();
  const auto began = std::chrono::steady_clock::now();
  for (OrderRequest& order : orders) {
    room.acquire();
    scene.payments->place(std::move(order), std::nullopt, [&](Result<Order> answer) {
      captured += answer && answer->state == State::captured ? 1 : 0;
      room.release();
    });
  }
  for (int i = 0; i < under_way; ++i) room.acquire();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  fmt::print("{:<24} {} of {} captured, {:.0f}/s, {:.0f} us of CPU each\n", name, captured.load(), payments, payments / seconds, (cpu_seconds() - cpu) / payments * 1e6);
}

}  // namespace
}  // namespace tf::payment::test

int main(int argc, char** argv) {
  using namespace tf::payment;
  const int payments = argc > 1 ? std::atoi(argv[1]) : 20'000;
  const int callers = argc > 2 ? std::atoi(argv[2]) : 64;
  test::Scene scene;
  scene.subscribes = nullptr;
  scene.stop();
  scene.start();
  test::measure("plain", payments, callers, scene);
  scene.subscribes = [](const std::string&) { return true; };
  scene.limits.all = {{.of = Of::user, .currency = "CNY", .amount = {}, .sum_per_day = 1'000'000'000, .count_per_day = {}, .count = 100, .within_ms = 1'000},
                      {.of = Of::terminal, .currency = "CNY", .amount = {}, .sum_per_day = 1'000'000'000, .count_per_day = {}}};
  scene.stop();
  scene.start();
  test::measure("limits and webhooks", payments, callers, scene);
}
