#include "audit/refusals.hpp"

#include <fmt/format.h>

#include "base/log.hpp"

namespace tf::audit {

void Refusals::record(Refusal refusal, store::WriteFn also) {
  const auto suppressed = sampler_.admit();
  if (suppressed) log::info(fmt::format("refused {} {} {}", refusal.action, refusal.subject.empty() ? "-" : refusal.subject, describe(refusal.error)));
  if (!suppressed && !also) return;
  database_.write_async(
      [this, now = clock_.now_ms(), suppressed, refusal = std::move(refusal), also = std::move(also)](store::Session& session) mutable -> Status {
        if (also) TF_CHECK(also(session));
        if (!suppressed) return {};
        return trail_.append(session, {.at_ms = now, .actor = "terminal:" + (refusal.subject.empty() ? "unknown" : refusal.subject),
                                       .action = refusal.action, .subject = refusal.subject, .outcome = Outcome::refused,
                                       .reason = refusal.error.reason, .detail = fmt::format(R"({{"suppressed":{}}})", *suppressed)});
      },
      [this, suppressed](const Status& written) {
        if (written) return;
        if (suppressed) sampler_.give_back(*suppressed);
        log::error("a refusal could not be written to the audit trail: " + describe(written.error()));
      });
}

// Writes are done in order.
void Refusals::drain() {
  if (const Status drained = database_.write([](store::Session&) -> Status { return {}; }); !drained)
    log::warn("the last refusals may not be in the audit trail: " + describe(drained.error()));
}

}  // namespace tf::audit
