// What goes wrong at the simulated gateways, by chance from a seed, each in so many of a hundred requests.
#pragma once
#include <cstdint>
#include <mutex>
#include <random>

namespace tf::simulate::ewallet {

struct FaultOptions {
  int delay_ms = 0;       // before every answer
  int drop = 0;           // carried out, and no answer comes
  int late = 0;           // carried out, and the answer comes after late_ms
  int late_ms = 8000;
  int cut = 0;            // carried out, and the line is cut before the answer
  int decline = 0;        // of payments: refused
  int wrong_amount = 0;   // the answer, or notification, names another amount
  int bad_signature = 0;  // it is not signed rightly
  int foreign = 0;        // the answer is about another order
  int trouble = 0;        // 503, half of them after it was carried out
  int duplicate = 0;      // a notification is sent twice
  std::uint64_t seed = 1;
};

struct Mishap {
  bool drop, late, cut, decline, wrong_amount, bad_signature, foreign, trouble_before, trouble_after, duplicate;
};

class Faults {
 public:
  explicit Faults(const FaultOptions& options) : options_(options), chance_(options.seed) {}
  Mishap next() {
    const std::lock_guard lock(mutex_);
    const auto hits = [this](int percent) { return static_cast<int>(chance_() % 100) < percent; };
    Mishap out{};
    out.drop = hits(options_.drop);
    out.late = hits(options_.late);
    out.cut = hits(options_.cut);
    out.decline = hits(options_.decline);
    out.wrong_amount = hits(options_.wrong_amount);
    out.bad_signature = hits(options_.bad_signature);
    out.foreign = hits(options_.foreign);
    const bool trouble = hits(options_.trouble);
    const bool before = hits(50);
    out.trouble_before = trouble && before;
    out.trouble_after = trouble && !before;
    out.duplicate = hits(options_.duplicate);
    return out;
  }
  [[nodiscard]] const FaultOptions& options() const { return options_; }

 private:
  const FaultOptions options_;
  std::mutex mutex_;
  std::mt19937_64 chance_;
};

}  // namespace tf::simulate::ewallet
