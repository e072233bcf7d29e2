#include "apps/trustferry/demo/demo_cardsign.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "base/file.hpp"
#include "base/ports.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUser = "demo";
constexpr const char* kMerchant = "bookshop";
constexpr const char* kDriver = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";

// A virtual reader with the card in it, for one command. Its driver listens on every address, and pcscd's socket has a fixed place: both
// get a network and a /run of their own, and end with the command.
constexpr const char* kWithReader = R"(set -eu
readers=$1 program=$2 card=$3
shift 3
mount -t tmpfs tmpfs /run
mkdir /run/pcscd
unshare -n sh -c 'ip link set lo up; pcscd -f --error -c "$0" & "$1" card serve --directory "$2" --wait 20 & wait' "$readers" "$program" "$card" >"$readers.log" 2>&1 </dev/null &
for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do [ ! -e /run/pcscd/pcscd.comm ] || break; sleep 0.2; done
"$@"
)";

std::string path_of(const std::string& program) {
  for (const char* folder : {"/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"})
    if (fs::exists(folder + program)) return folder + program;
  return {};
}

Result<std::string> text_in(const std::string& json, const char* name) { return TF_TRY(wire::JsonObject::parse(json, {.size = 1024 * 1024})).text(name); }

}  // namespace

bool CardsignDemo::configured() const {
  const auto text = read_file(scene_.platform + "/platform.toml", 64 * 1024);
  return text && as_text(*text).contains("\n[cardsign]\n");
}

Status CardsignDemo::prepare() const {
  const std::string path = scene_.platform + "/platform.toml";
  std::string text(as_text(TF_TRY(read_file(path, 64 * 1024))));
  text += fmt::format("\n[cardsign]\nlisten = \"127.0.0.1:{}\"\n", scene_.port);
  return write_file_atomic(path, as_bytes(text), 0644);
}

// Whether pcscd, its virtual reader and namespaces of one's own are to be had: by trying.
Status CardsignDemo::choose_reader() {
  over_pcscd_ = fs::exists(kDriver) && !path_of("pcscd").empty() && !path_of("unshare").empty() && !path_of("ip").empty();
  if (!over_pcscd_) return {};
  std::error_code ignored;
  fs::create_directories(in("readers"), ignored);
  TF_CHECK(write_file_atomic(in("with-reader.sh"), as_bytes(std::string_view(kWithReader)), 0644));
  const std::string reader = fmt::format("FRIENDLYNAME \"Virtual PCD\"\nDEVICENAME /dev/null:0x8C7B\nLIBPATH {}\nCHANNELID 0x8C7B\n", kDriver);
  TF_CHECK(write_file_atomic(in("readers/vpcd"), as_bytes(reader), 0644));
  auto shown = TF_TRY(ChildProcess::start(at_terminal({"show"}), in("reader-tried.log")));
  over_pcscd_ = shown.wait() == 0;
  return {};
}

std::vector<std::string> CardsignDemo::at_terminal(std::vector<std::string> words) const {
  const std::string card = fs::absolute(in(serial_)).string();
  words.insert(words.begin(), {scene_.program, "terminal", "cardsign"});
  words.emplace_back("--json");
  if (!over_pcscd_) {
    words.insert(words.end(), {"--card", card});
    return words;
  }
  words.insert(words.end(), {"--wait", "20"});
  words.insert(words.begin(), {path_of("unshare"), "-rmpf", "--kill-child", "sh", in("with-reader.sh"), fs::absolute(in("readers")).string(), scene_.program, card});
  return words;
}

Status CardsignDemo::make_card() {
  std::error_code ignored;
  fs::create_directories(in(""), ignored);
  fs::permissions(in(""), fs::perms::owner_all, ignored);
  int number = 1;  // each run brings another card
  while (fs::exists(in(fmt::format("DEMO-{:04}", number)))) ++number;
  serial_ = fmt::format("DEMO-{:04}", number);
  TF_CHECK(write_private_file(in("pin"), as_bytes(std::string_view("246810"))));
  TF_CHECK(write_private_file(in("wrong-pin"), as_bytes(std::string_view("135791"))));
  TF_CHECK(write_file_atomic(in("record-key.pem"), as_bytes(TF_TRY(text_in(TF_TRY(scene_.on_platform({"cardsign", "record-key"})), "public_key"))), 0644));
  TF_TRY(ChildProcess::capture({scene_.program, "card", "new", "--directory", in(serial_), "--serial", serial_, "--manufacturer", in("manufacturer"), "--pin", "@" + in("pin"), "--record",
                                in(serial_ + ".record"), "--record-key", in("record-key.pem"), "--json"}, in("last.json")));
  if (number == 1) TF_TRY(scene_.on_platform({"cardsign", "manufacturer", "add", in("manufacturer/manufacturer.crt"), "--name", "demo cards"}));
  TF_TRY(scene_.on_platform({"cardsign", "import", in(serial_ + ".record")}));
  return {};
}

Result<std::string> CardsignDemo::enrolment_code() const {
  return text_in(TF_TRY(scene_.on_platform({"cardsign", "assign", serial_, "--user", kUser})), "code");
}

// Its webhook leads nowhere: the demo's shop looks at what the terminal shows.
Result<std::string> CardsignDemo::merchant_secret() const {
  const std::string file = in("merchant-secret");
  if (!fs::exists(file)) {
    const std::string secret = TF_TRY(text_in(TF_TRY(scene_.on_platform({"wallet", "merchant", "add", kMerchant, "--webhook", "http://127.0.0.1:9/paid"})), "secret"));
    TF_CHECK(write_private_file(file, as_bytes(secret)));
  }
  return "@" + file;
}

Result<std::string> CardsignDemo::order() const {
  SystemRandom random;
  return text_in(TF_TRY(ChildProcess::capture({scene_.program, "cardsign", "order", "--url", fmt::format("https://127.0.0.1:{}", scene_.port), "--root", scene_.platform + "/root.crt", "--merchant",
                                               kMerchant, "--secret", TF_TRY(merchant_secret()), "--order", "book-" + wire::hex_upper(random.array<6>()), "--amount", "1999", "--subject",
                                               "One book", "--user", kUser, "--json"}, in("last.json"))), "payment");
}

std::vector<std::string> CardsignDemo::payment_of(const std::string& payment, const std::string& pin_file) const {
  return at_terminal({"pay", "--payment", payment, "--instrument", instrument_, "--pin", "@" + pin_file, "--manufacturers", in("manufacturer/manufacturer.crt"), "--url",
                      fmt::format("https://127.0.0.1:{}", scene_.port), "--root", scene_.platform + "/root.crt"});
}

Result<bool> CardsignDemo::refuses_wrong_pin(const std::string& payment) const {
  auto tried = TF_TRY(ChildProcess::start(payment_of(payment, in("wrong-pin")), in("wrong-pin.log")));
  const int status = tried.wait();
  return status != 0 && as_text(TF_TRY(read_file(in("wrong-pin.log"), 64 * 1024))).contains("the PIN is wrong");
}

Result<CardsignReport> CardsignDemo::run() {
  TF_CHECK(make_card());
  TF_CHECK(choose_reader());
  CardsignReport report{.reader = over_pcscd_ ? "pcscd" : "in process", .certificates = 0, .result = {}, .transaction = {}, .wrong_pin_refused = false};
  scene_.say(fmt::format("smart card {} makes its keys and gets certificates, {}", serial_, over_pcscd_ ? "through pcscd and its virtual reader" : "in the terminal's process (no pcscd with vpcd here)"));
  auto enrolled = TF_TRY(wire::JsonObject::parse(TF_TRY(ChildProcess::capture(at_terminal({"enrol", "--code", TF_TRY(enrolment_code()), "--url",
                                                                                            fmt::format("https://127.0.0.1:{}", scene_.port), "--root", scene_.platform + "/root.crt"}),
                                                                               in("last.json"))), {.size = 64 * 1024}));
  report.certificates = static_cast<std::int64_t>(TF_TRY(enrolled.objects("certificates", 100)).size());
  instrument_ = TF_TRY(text_in(TF_TRY(scene_.on_platform({"cardsign", "instrument", "add", "--user", kUser, "--wallet", "alipay", "--number", "demo@example.com"})), "token"));
  scene_.say("it signs a payment: a shop's order, shown, the PIN sealed to the card");
  const std::string payment = TF_TRY(order());
  report.wrong_pin_refused = TF_TRY(refuses_wrong_pin(payment));
  auto paid = TF_TRY(wire::JsonObject::parse(TF_TRY(ChildProcess::capture(payment_of(payment, in("pin")), in("last.json")))));
  report.result = TF_TRY(paid.text("result"));
  report.transaction = TF_TRY(paid.text("transaction"));
  return report;
}

}  // namespace tf::cli
