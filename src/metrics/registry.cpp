#include "metrics/registry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "base/log.hpp"

namespace tf::metrics {

enum class Registry::Kind : std::uint8_t { counter, gauge, histogram };

struct Registry::Member {
  std::string labels;  // as rendered: a="b",c="d"
  std::unique_ptr<Counter> counter;
  std::unique_ptr<Gauge> gauge;
  std::unique_ptr<Histogram> histogram;
};

struct Registry::Family {
  std::string name;
  std::string help;
  Kind kind;
  std::vector<std::unique_ptr<Member>> members;
};

namespace {

[[noreturn]] void broken(std::string_view what, std::string_view name) {
  log::error(fmt::format("metrics: {} {}", what, log::quoted(name)));
  std::abort();
}

bool well_named(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix) || name.size() == prefix.size()) return false;
  if (name.front() >= '0' && name.front() <= '9') return false;
  return std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

std::string escaped(std::string_view text, bool quotes) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quotes) {
      out += "\\\"";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string rendered(const Labels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    if (!well_named(name, "") || name == "le") broken("bad label", name);
    if (!out.empty()) out.push_back(',');
    out += fmt::format("{}=\"{}\"", name, escaped(value, true));
  }
  return out;
}

std::string braced(std::string_view labels) { return labels.empty() ? "" : fmt::format("{{{}}}", labels); }

void render_histogram(std::string& out, std::string_view name, std::string_view labels, const Histogram& histogram) {
  const std::string_view comma = labels.empty() ? "" : ",";
  const std::vector<std::uint64_t> counts = histogram.counts();
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    total += counts[i];
    const std::string bound = i < histogram.bounds().size() ? fmt::format("{}", histogram.bounds()[i]) : "+Inf";
    out += fmt::format("{}_bucket{{{}{}le=\"{}\"}} {}\n", name, labels, comma, bound, total);
  }
  out += fmt::format("{}_sum{} {}\n", name, braced(labels), histogram.sum());
  out += fmt::format("{}_count{} {}\n", name, braced(labels), total);
}

}  // namespace

Histogram::Histogram(std::vector<double> bounds) : bounds_(std::move(bounds)), counts_(bounds_.size() + 1) {
  if (!std::ranges::is_sorted(bounds_, std::less_equal<>())) broken("buckets do not ascend", "histogram");
}

void Histogram::observe(double value) {
  const auto bucket = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
  counts_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

std::vector<std::uint64_t> Histogram::counts() const {
  std::vector<std::uint64_t> out;
  for (const auto& count : counts_) out.push_back(count.load(std::memory_order_relaxed));
  return out;
}

std::vector<double> latency_buckets() {
  return {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
}

Registry::Registry() = default;
Registry::~Registry() = default;

Registry::Member& Registry::member(Kind kind, std::string_view name, std::string_view help, Labels labels) {
  if (!well_named(name, "trustferry_")) broken("bad name", name);
  const std::string key = rendered(labels);
  auto place = std::ranges::lower_bound(families_, name, {},
                                        [](const auto& family) -> std::string_view { return family->name; });
  if (place == families_.end() || (*place)->name != name) {
    auto family = std::make_unique<Family>(Family{std::string(name), std::string(help), kind, {}});
    place = families_.insert(place, std::move(family));
  }
  Family& family = **place;
  if (family.kind != kind) broken("registered as another kind", name);
  for (auto& member : family.members) {
    if (member->labels == key) return *member;
  }
  family.members.push_back(std::make_unique<Member>());
  family.members.back()->labels = key;
  return *family.members.back();
}

Counter& Registry::counter(std::string_view name, std::string_view help, Labels labels) {
  const std::lock_guard lock(mutex_);
  auto& slot = member(Kind::counter, name, help, std::move(labels)).counter;
  if (!slot) slot = std::make_unique<Counter>();
  return *slot;
}

Gauge& Registry::gauge(std::string_view name, std::string_view help, Labels labels) {
  const std::lock_guard lock(mutex_);
  auto& slot = member(Kind::gauge, name, help, std::move(labels)).gauge;
  if (!slot) slot = std::make_unique<Gauge>();
  return *slot;
}

Histogram& Registry::histogram(std::string_view name, std::string_view help, std::vector<double> bounds,
                               Labels labels) {
  const std::lock_guard lock(mutex_);
  auto& slot = member(Kind::histogram, name, help, std::move(labels)).histogram;
  if (!slot) slot = std::make_unique<Histogram>(std::move(bounds));
  if (slot->bounds().empty()) broken("histogram without buckets", name);
  return *slot;
}

std::string Registry::render() const {
  static constexpr std::string_view kinds[] = {"counter", "gauge", "histogram"};
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& family : families_) {
    out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", family->name, escaped(family->help, false), family->name,
                       kinds[static_cast<std::size_t>(family->kind)]);
    for (const auto& member : family->members) {
      if (member->counter) {
        out += fmt::format("{}{} {}\n", family->name, braced(member->labels), member->counter->value());
      } else if (member->gauge) {
        out += fmt::format("{}{} {}\n", family->name, braced(member->labels), member->gauge->value());
      } else if (member->histogram) {
        render_histogram(out, family->name, member->labels, *member->histogram);
      }
    }
  }
  return out;
}

}  // namespace tf::metrics
