#include "platform/context.hpp"

namespace tf::platform {

Status perform_act(Context& context, Act act, store::WriteFn writes) {
  const std::int64_t now = context.clock.now_ms();
  return context.database.write([&](store::Session& session) -> Status {
    TF_CHECK(writes(session));
    return context.trail.append(session, {.at_ms = now, .actor = act.actor, .action = act.action, .subject = act.subject,
                                          .outcome = audit::Outcome::accepted, .reason = "", .detail = act.detail});
  });
}

}  // namespace tf::platform
