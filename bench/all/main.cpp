// Measures the parts of the house beside their floors, prints a table and writes the rows.
#include <fmt/format.h>

#include <cstdio>
#include <cstring>
#include <filesystem>

#include "bench/all/rows.hpp"

namespace tf::bench {
namespace {

namespace fs = std::filesystem;

void add(std::vector<Row>& rows, std::vector<Row> more) {
  for (Row& row : more) rows.push_back(std::move(row));
}

// only: the rows whose name begins so, and the terms they need; empty: all.
Result<std::vector<Row>> measure(const std::string& own, const std::string& directory, const std::string& only) {
  const auto wanted = [&only](const std::string& name) { return name.starts_with(only) || only.starts_with(name); };
  const fs::path programs = fs::path(own).parent_path().parent_path();
  const std::string program = (programs / "trustferry").string();
  std::vector<Row> rows;
  const auto room = [&](const char* part) {
    fs::create_directory(directory + "/" + part);
    return directory + "/" + part;
  };
  if (wanted("keyblock")) add(rows, TF_TRY(key_block_rows((programs / "bench" / "crypto" / "bench_crypto").string())));
  if (wanted("access")) add(rows, TF_TRY(access_rows(room("access"), program)));
  if (wanted("rki")) add(rows, TF_TRY(rki_rows(room("rki"), program, only)));
  if (wanted("pki")) add(rows, TF_TRY(pki_rows(room("pki"), program, only)));
  if (wanted("card.")) add(rows, TF_TRY(card_rows(room("card"), program, (programs / "bench" / "bench_card").string())));
  if (wanted("onboard.milenage") || wanted("onboard.auc")) add(rows, TF_TRY(hss_rows(room("hss"), only)));
  if (wanted("onboard.cpu") || wanted("onboard.batch")) add(rows, TF_TRY(onboard_rows(room("onboard"), program)));
  if (wanted("cardsign")) add(rows, TF_TRY(cardsign_rows(room("cardsign"), program)));
  if (wanted("wallet")) add(rows, TF_TRY(wallet_rows(room("wallet"), program)));
  return rows;
}

int run(const std::string& own, const std::string& out, const std::string& only) {
  char pattern[] = "/tmp/trustferry-bench.XXXXXX";
  const char* directory = mkdtemp(pattern);
  if (directory == nullptr) return 1;
  const auto rows = measure(own, directory, only);
  std::error_code ignored;
  fs::remove_all(directory, ignored);
  const Status written = rows ? write_rows(out, *rows) : Status(rows.error());
  if (!written) {
    fmt::print(stderr, "bench: {}\n", describe(written.error()));
    return 1;
  }
  print_rows(*rows);
  fmt::print("\nEach row is of the round in the middle; rounds: the ratio (the value, where there is no bound) of the least and of the most.\n"
             "The bound of a CPU row is its floor: cryptography + bare requests (4 a download, 2 in access) + rows (+ a full handshake when\n"
             "fresh); at most 1.35 of it is wanted. access.million.cpu: with few bindings, 1.1.\n"
             "Cryptography and rows are measured in requests of a server whose clients are at work, as the whole is. Another program on the machine spoils both.\n"
             "pki.ocsp: a bare request and a signature; cached: the request alone; wanted 1.3. pki.revoke.million: with 1,000 certificates, 1.1.\n"
             "peer: what openssl ocsp (wanted 1.2 with RSA, 1.8 with P-256) and cfssl (1.5, its HTTP not counted) do per CPU second.\n"
             "onboard.cpu: all servers of an onboarding added; cryptography, bare requests, calls between servers, handshakes, rows; wanted 1.5.\n"
             "card.sign.rsa: of what the card signs in process; wanted 0.75.\n"
             "wallet.pay.cpu: cryptography, two bare requests, rows, the acquirer's line; wanted 1.35. cardsign.pay.cpu: cryptography, four bare requests, rows, line; wanted 1.35.\n"
             "Written to {}.\n", out);
  return 0;
}

}  // namespace
}  // namespace tf::bench

int main(int argc, char** argv) {
  std::string out = "bench/out/latest.json";
  std::string only;
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::strcmp(argv[i], "--out") == 0) out = argv[i + 1];
    if (std::strcmp(argv[i], "--only") == 0) only = argv[i + 1];
  }
  return tf::bench::run(std::filesystem::read_symlink("/proc/self/exe").string(), out, only);
}
