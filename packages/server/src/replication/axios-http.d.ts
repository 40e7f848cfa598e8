/** What axios exports besides its clients: the part that speaks HTTP. It comes without a declaration. */
declare module 'axios/lib/adapters/http.js' {
  import type { AxiosRequestConfig, AxiosResponse } from 'axios';

  const send: (config: AxiosRequestConfig) => Promise<AxiosResponse>;
  export default send;
}
