/*! Licences of the bundled packages: THIRD_PARTY_LICENSES.txt */
import{a as e}from"./rolldown-runtime.js";import{Or as t,Po as n,Qi as r,So as i,Ur as a,Zn as o,ci as s,gi as c,mi as l,nn as u,oo as d,rr as f}from"./shared.js";import{Bt as p,Vt as m,Wt as h}from"./screens.js";var g=e(n(),1),_={box:`CopyOperation-module-box`,code:`CopyOperation-module-code`,copy:`CopyOperation-module-copy`};function v(e){for(let t of e.definitions)if(t.kind===i.OPERATION_DEFINITION)return t.name?.value??t.operation;return``}function y({document:e,variables:t}){let n=w(t),r=C(e);return n===void 0?r:[r,``,`# Variables:`,...u(JSON.stringify(n,null,2)).split(`
`).map(e=>`# ${e}`)].join(`
`)}function b(e,t){let n=u(JSON.stringify(S(e)));return[`curl -s ${T(t)} \\`,`  -H "Authorization: Bearer $TOKEN" \\`,`  -H 'Content-Type: application/json' \\`,`  -d ${T(n)}`].join(`
`)}function x(e,t){return`package main

import (
\t"io"
\t"log"
\t"net/http"
\t"os"
\t"strings"
)

func main() {
\tbody := ${JSON.stringify(u(JSON.stringify(S(e))))}
\treq, err := http.NewRequest("POST", ${JSON.stringify(t)}, strings.NewReader(body))
\tif err != nil {
\t\tlog.Fatal(err)
\t}
\treq.Header.Set("Authorization", "Bearer "+os.Getenv("TOKEN"))
\treq.Header.Set("Content-Type", "application/json")
\tresp, err := http.DefaultClient.Do(req)
\tif err != nil {
\t\tlog.Fatal(err)
\t}
\tdefer resp.Body.Close()
\tif _, err := io.Copy(os.Stdout, resp.Body); err != nil {
\t\tlog.Fatal(err)
\t}
}
`}function S({document:e,variables:t}){let n=w(t);return{query:C(e),...n!==void 0&&{variables:n}}}function C(e){return d(e).replace(/^\s*__typename\n/gm,``)}function w(e){let t=Object.entries(e??{}).filter(([,e])=>e!=null);return t.length===0?void 0:Object.fromEntries(t)}function T(e){return`'${e.replaceAll(`'`,`'\\''`)}'`}var E=r(),D={GraphQL:y,curl:b,Go:x};function O({operations:e,onClose:n}){let{t:r}=t(`shell`),[i,u]=(0,g.useState)(`GraphQL`),[d,y]=(0,g.useState)(0),b=e[d]??e[0];if(b===void 0)return null;let x=D[i](b,new URL(`/graphql`,location.href).href);return(0,E.jsxs)(a,{opened:!0,onClose:n,size:`lg`,title:r(`copyTitle`),closeButtonProps:{"aria-label":r(`close`)},children:[(0,E.jsxs)(l,{gap:`xs`,children:[e.length>1&&(0,E.jsx)(p,{flex:`1 1 14rem`,size:`xs`,"aria-label":r(`operation`),data:e.map(({document:e},t)=>({value:String(t),label:v(e)})),value:String(e.indexOf(b)),onChange:e=>y(Number(e)),allowDeselect:!1,comboboxProps:{withinPortal:!1}}),(0,E.jsx)(m,{size:`xs`,data:Object.keys(D),value:i,onChange:e=>u(e),"aria-label":r(`copyAs`)})]}),(0,E.jsxs)(`div`,{className:_.box,children:[(0,E.jsx)(`pre`,{className:_.code,dir:`ltr`,tabIndex:0,"aria-label":r(`copyTitle`),children:x}),(0,E.jsx)(h,{value:x,children:({copied:e,copy:t})=>(0,E.jsx)(c,{className:_.copy??``,variant:`default`,size:`lg`,onClick:t,"aria-label":r(e?`copied`:`copy`),children:e?(0,E.jsx)(f,{size:16,"aria-hidden":!0}):(0,E.jsx)(o,{size:16,"aria-hidden":!0})})})]}),(0,E.jsx)(s,{fz:`xs`,c:`dimmed`,mt:`xs`,children:r(`copyLead`)})]})}export{O as CopyOperation};