#include "protocols/wallet/certificate_file.hpp"

namespace tf::wallet {

FilePasswords own_passwords(const Secret<32>& info3, std::string_view number) {
  return {as_password(derive(info3, number, label::file_encryption)), as_password(derive(info3, number, label::file_mac_own))};
}

SecretBytes codes_mac_password(const Secret<32>& codes, std::string_view registration) {
  return as_password(derive(codes, registration, label::file_mac));
}

Result<Bytes> make_certificate_file(const crypto::PrivateKey& key, const pki::Certificate& certificate, const FilePasswords& passwords, int iterations) {
  return pki::make_pkcs12(key, certificate, {passwords.encryption, passwords.mac}, iterations);
}

Result<Bytes> take_over_file(ByteView file, const SecretBytes& codes_mac_password, const FilePasswords& own, int iterations) {
  return pki::replace_pkcs12_mac(file, codes_mac_password, own.mac, iterations);
}

Result<OpenedFile> open_certificate_file(ByteView file, const FilePasswords& passwords, int min_iterations) {
  auto opened = pki::open_pkcs12(file, {passwords.encryption, passwords.mac}, min_iterations);
  if (opened) return OpenedFile{std::move(opened->key), std::move(opened->certificate)};
  if (opened.error().code == Code::sealed || opened.error().code == Code::integrity)
    return Error{Code::refused, "wallet.file", "altered, or the file of another phone, SIM or password"};
  return opened.error();
}

}  // namespace tf::wallet
