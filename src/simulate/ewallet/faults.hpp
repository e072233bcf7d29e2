// What goes wrong at the simulated gateways, by chance from a seed: probabilities, 0 to 1.
#pragma once
#include <cstdint>
#include <mutex>
#include <random>

namespace tf::simulate::ewallet {

struct FaultOptions {
  int delay_ms = 0;         // before every answer
  double drop = 0;          // carried out, and no answer comes
  double late = 0;          // carried out, and the answer comes after late_ms
  int late_ms = 8000;
  double cut = 0;           // carried out, and the line is cut before the answer
  double decline = 0;       // of payments: refused
  double wrong_amount = 0;  // the answer, or notification, names another amount
  double bad_signature = 0; // it is not signed rightly
  double foreign = 0;       // the answer is about another order
  double trouble = 0;       // 503, half of them after it was carried out
  double duplicate = 0;     // a notification is sent twice
  std::uint64_t seed = 1;
};

struct Mishap {
  bool drop = false, late = false, cut = false, decline = false, wrong_amount = false, bad_signature = false, foreign = false;
  bool trouble_before = false, trouble_after = false, duplicate = false;
};

class Faults {
 public:
  explicit Faults(const FaultOptions& options) : options_(options), chance_(options.seed) {}
  Mishap next() {
    const std::lock_guard lock(mutex_);
    const auto hits = [this](double probability) { return static_cast<double>(chance_() >> 11) * 0x1p-53 < probability; };
    Mishap out{};
    out.drop = hits(options_.drop);
    out.late = hits(options_.late);
    out.cut = hits(options_.cut);
    out.decline = hits(options_.decline);
    out.wrong_amount = hits(options_.wrong_amount);
    out.bad_signature = hits(options_.bad_signature);
    out.foreign = hits(options_.foreign);
    const bool trouble = hits(options_.trouble);
    const bool before = hits(0.5);
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
