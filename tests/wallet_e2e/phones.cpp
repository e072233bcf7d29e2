// WalletScene: the phones.
#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>

#include "base/file.hpp"
#include "net/client/client.hpp"
#include "protocols/wallet/check_digit.hpp"
#include "tests/wallet_e2e/scene.hpp"

namespace tf::test {
namespace {

constexpr int kFewIterations = 2000;  // of files that only this process opens

SystemClock system_clock;
SystemRandom system_random;

}  // namespace

std::string WalletScene::imei(int phone) { return wallet::with_check_digit(fmt::format("4901542032{:04}", phone)); }
std::string WalletScene::iccid(int sim) { return wallet::with_check_digit(fmt::format("8986001234567{:05}", sim)); }

Owner WalletScene::owner(const std::string& suite, const std::string& key) {
  const int i = ++owners_;
  Owner out{.number = fmt::format("86138{:08}", i), .imei = imei(i), .iccid = iccid(i), .password = fmt::format("correct horse {}", i),
            .card = wallet::with_check_digit(fmt::format("622202{:09}", 731 * i)), .pin = kPin, .suite = suite, .key = key};
  out.directory = in("phones/" + out.number);
  std::filesystem::create_directories(out.directory);
  write_text(password_file(out), out.password + "\n");
  return out;
}

Finished WalletScene::phone(const Owner& owner, std::vector<std::string> words) {
  words.insert(words.begin(), {"terminal", "wallet"});
  const bool elsewhere = std::ranges::find(words, "--password-file") != words.end();
  words.insert(words.end(), {"--directory", owner.directory, "--number", owner.number, "--url", url(), "--root", root(), "--json"});
  if (!elsewhere) words.insert(words.end(), {"--password-file", password_file(owner)});
  return trustferry(words);
}

wire::JsonObject WalletScene::phone_must(const Owner& owner, std::vector<std::string> words) {
  const Finished done = phone(owner, words);
  if (done.exit_code != 0) throw std::runtime_error(words[0] + ": " + done.err + done.out + log());
  return json_of(done.out);
}

void WalletScene::register_(Owner& owner) {
  owner.registration = phone_must(owner, {"register", "--imei", owner.imei, "--iccid", owner.iccid, "--name", "Anna Owner", "--id-number", "A1234567", "--suite", owner.suite, "--key", owner.key})
                           .text("registration").value();
}

void WalletScene::activate(const Owner& owner) { phone_must(owner, {"activate", "--code", code_for(owner.number, owner.registration)}); }
void WalletScene::login(const Owner& owner) { phone_must(owner, {"login", "--suite", owner.suite}); }

void WalletScene::add_card(Owner& owner) {
  write_text(owner.directory + "/pan", owner.card + "\n");
  write_text(owner.directory + "/pin", owner.pin + "\n");
  const Finished done = phone(owner, {"card", "add", "--pan", "@" + owner.directory + "/pan", "--expiry", "3012"});
  if (done.exit_code != 0) throw std::runtime_error("card add: " + done.err + done.out);
  auto list = wire::JsonObject::parse("{\"all\":" + done.out + "}").value();
  owner.token = list.objects("all", 10).value().front().text("token").value();
}

Owner WalletScene::ready(const std::string& suite, const std::string& key) {
  Owner out = owner(suite, key);
  register_(out);
  activate(out);
  login(out);
  add_card(out);
  return out;
}

std::vector<std::string> WalletScene::order(const Owner& owner, const std::string& order, const std::string& amount, const std::vector<std::string>& more) {
  std::vector<std::string> words{"pay", "--order", order, "--payee", "SHOP01", "--amount", amount, "--instrument", owner.token, "--content", "a book",
                                 "--pin", "@" + owner.directory + "/pin", "--pan", "@" + owner.directory + "/pan"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

terminal::WalletPhone WalletScene::line(Sent* sent) const {
  pki::Certificate root_certificate = pki::Certificate::from_pem(read_text(root())).value();
  net::ClientOptions options;
  options.server = net::parse_base_url(url()).value();
  options.response_timeout = std::chrono::seconds(100);
  options.anchors.push_back(net::certificate_from_der(root_certificate.der()).value());
  auto over = terminal::wallet_over(net::HttpClient::create(std::move(options)).value());
  const auto exchange = [over, sent](const std::string& method, const std::string& target, const std::string& body) {
    if (sent != nullptr) (*sent)[target] = body;
    return over(method, target, body);
  };
  return {exchange, {.clock = system_clock, .random = system_random, .root = std::move(root_certificate), .file_iterations = kFewIterations}};
}

std::string WalletScene::code_for(const std::string& number, const std::string& registration) const {
  std::string code;
  const auto came = [&] {
    const std::string spool = std::filesystem::exists(platform() + "/sms.jsonl") ? read_text(platform() + "/sms.jsonl") : "";
    for (std::size_t from = 0; from < spool.size();) {
      const std::size_t end = std::min(spool.find('\n', from), spool.size());
      auto line = wire::JsonObject::parse(std::string_view(spool).substr(from, end - from));
      from = end + 1;
      if (!line || line->text("to").value_or("") != number) continue;
      const std::string text = line->text("text").value_or("");
      if (text.contains(registration)) code = text.substr(0, text.find(' '));
    }
    return !code.empty();
  };
  if (!eventually(came)) throw std::runtime_error("no SMS came for " + number);
  return code;
}

}  // namespace tf::test
