#include "apps/trustferry/line/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

namespace tf::cli {

ProgressBar::ProgressBar(std::string what, std::function<Count()> read)
    : what_(std::move(what)), read_(std::move(read)), terminal_(::isatty(STDERR_FILENO) == 1) {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    for (int tick = 0; !stop.stop_requested(); ++tick) {
      if (terminal_ || tick % 20 == 19) draw(false);  // in a log: a line every two seconds
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  });
}

ProgressBar::~ProgressBar() {
  thread_.request_stop();
  thread_.join();
  draw(true);
}

void ProgressBar::draw(bool last) const {
  constexpr int width = 30;
  const Count count = read_();
  const int filled = count.total == 0 ? 0 : static_cast<int>(width * count.done / count.total);
  std::string bar;
  for (int i = 0; i < width; ++i) bar += i < filled ? "█" : "░";
  const std::string line = fmt::format("{} {} {}/{}{}", what_, bar, count.done, count.total,
                                       count.failed > 0 ? fmt::format("  {} failed", count.failed) : "");
  std::fprintf(stderr, terminal_ ? "\r%s\033[K%s" : "%s%s", line.c_str(), last || !terminal_ ? "\n" : "");
  std::fflush(stderr);
}

}  // namespace tf::cli
