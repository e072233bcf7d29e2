// A session against a host that says anything: [kind][length][bytes] steps. Every message is done exactly once.
#include "fuzz/round_trip.hpp"
#include "sms/smpp/session.hpp"

namespace {

using namespace tf;
using fuzz::demand;
using namespace tf::sms;

struct Scene {
  Scene() {
    settings.host = "host";
    settings.system_id = "ferry";
    settings.window = 3;
    settings.max_waiting = 8;
  }
  void settle() {
    auto out = session.take();
    for (const SecretBytes& frame : out.frames) demand(smpp::decode(frame.reveal()).has_value());
    for (const auto& call : out.calls) call();
  }
  void send() {
    const std::size_t mine = done.size();
    done.push_back(0);
    session.submit({"8613800138000", std::string(mine % 2 == 0 ? 10 : 300, 'a'), "r"}, [this, mine](const Result<Receipt>&) { demand(++done[mine] == 1); }, now);
  }
  void step(unsigned kind, ByteView in) {
    now += 50;
    switch (kind % 6) {
      case 0: session.connected(now); break;
      case 1: session.lost({Code::unavailable, "link.closed", ""}); break;
      case 2: send(); break;
      case 3: session.tick(now += static_cast<std::int64_t>(in.size()) * 500); break;
      default: session.received(in, now); break;
    }
    settle();
  }

  SmppSettings settings;
  std::vector<int> done;
  std::int64_t now = 0;
  smpp::Session session{settings, 0, [](const Delivery& each) { demand(!each.network_id.empty()); }};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Scene scene;
  ByteView rest(data, size);
  while (rest.size() >= 2 && scene.done.size() < 64) {
    const unsigned kind = rest[0];
    const std::size_t length = std::min<std::size_t>(rest[1], rest.size() - 2);
    scene.step(kind, rest.subspan(2, length));
    rest = rest.subspan(2 + length);
  }
  scene.session.fail_all({Code::unavailable, "sms.stopping", ""});
  scene.settle();
  for (const int each : scene.done) demand(each == 1);
  return 0;
}
